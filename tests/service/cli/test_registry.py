import json
from pathlib import Path

import pytest

from plate_match.plate import Plate
from plate_match.registry import Registry
from tests.service.cli.conftest import Call
from tests.service.disk import full_for

EXPORT = (
    '"kenteken","voertuigsoort","merk","eerste_kleur","export_indicator"\n'
    '"GB123K","Personenauto","SYNTHETISCH","GRIJS","Nee"\n'
    '"8XKV41","Bedrijfsauto","SYNTHETISCH","N.v.t.","Ja"\n'
    '"GB123K","Personenauto","SYNTHETISCH","GRIJS","Nee"\n'
    '"QQ12QQ","Personenauto","SYNTHETISCH","ROOD","Nee"\n'
)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "synthetic.csv"
    path.write_text(EXPORT)
    return path


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "vehicles.registry"


def test_an_export_becomes_a_registry(call: Call, export: Path, output: Path) -> None:
    told = call("registry", "build", export, "--output", output)
    assert (told.code, told.err) == (0, "")
    assert ": 2 of 4 vehicles (1 exported, 1 named once more), written to " in told.out
    registry = Registry.load(output)
    plates = [Plate(text) for text in ("GB123K", "QQ12QQ", "8XKV41")]
    assert registry.holds(plates).tolist() == [True, True, False]
    assert registry.colours == {"Personenauto": {"GRIJS": 2, "ROOD": 1}}


def test_nothing_is_said_of_repeated_plates_where_there_are_none(
    call: Call, export: Path, output: Path
) -> None:
    export.write_text("".join(EXPORT.splitlines(keepends=True)[:3]))
    told = call("registry", "build", export, "--output", output)
    assert ": 1 of 2 vehicles (1 exported), written to " in told.out


def test_the_summary_is_json_for_programs(call: Call, export: Path, output: Path) -> None:
    told = call("registry", "build", export, "--output", output, "--json")
    assert json.loads(told.out) == {
        "name": Registry.load(output).name,
        "rows": 4,
        "vehicles": 2,
        "exported": 1,
        "repeated": 1,
        "outsideLayouts": 1,
        "makes": True,
        "colours": True,
    }


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("kenteken,merk\nGB123K,SYN\n", "no column voertuigsoort; no column export_indicator"),
        (EXPORT[:-20], "line 5: is cut short: the file ends in the middle of it"),
        (EXPORT.replace('"ROOD"', "ROOD,"), "line 5: has not the 5 columns of the header"),
        ("", "no column kenteken"),
    ],
)
def test_a_bad_export_changes_nothing(
    call: Call, export: Path, output: Path, *, text: str, fault: str
) -> None:
    output.write_text("as it was")
    export.write_text(text)
    told = call("registry", "build", export, "--output", output)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(f"plate-match: nothing was written: {export}: ")
    assert fault in told.err
    assert output.read_text() == "as it was"
    assert {path.name for path in export.parent.iterdir()} == {export.name, output.name}


def test_the_export_is_not_written_over(call: Call, export: Path) -> None:
    told = call("registry", "build", export, "--output", export)
    assert told.code == 2
    assert "is the same file as EXPORT" in told.err
    assert export.read_text() == EXPORT


def test_an_output_in_no_folder_is_refused_before_anything_is_read(
    call: Call, export: Path, tmp_path: Path
) -> None:
    export.write_text("no export")
    told = call("registry", "build", export, "--output", tmp_path / "none" / "vehicles")
    assert told.code == 2
    assert told.err.rstrip().endswith("the folder is not there")


def test_a_registry_that_does_not_fit_on_the_disk_leaves_nothing_behind(
    call: Call, export: Path, output: Path
) -> None:
    with full_for(export):
        told = call("registry", "build", export, "--output", output)
    assert told.code == 2
    assert told.err.startswith(f"plate-match: nothing was written: {output}: ")
    assert [path.name for path in export.parent.iterdir()] == [export.name]
