"""Any spelling of a plate is that plate; any part of one is a pattern; nothing else is raised."""

import time
from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from plate_match.errors import UnreadablePlate
from plate_match.fold import LONGEST_TEXT
from plate_match.normalize import LONGEST_PATTERN, normalize, parse
from plate_match.plate import Pattern, Plate
from plate_match.spelling import Cue, without_words
from tests.strategies import patterns, plates, sidecode_plates, spellings

_TYPED = st.text("0123456789ABKLNVXnlx?*_#.-/ []()", max_size=14)
"""Short texts of what the rules turn on: far likelier to hurt than any Unicode."""

_WORDY = st.lists(
    st.one_of(
        st.sampled_from(
            ("begint met", "eindigt op", "erin", "en nog wat", "de letters", "en cijfers", "XX",
             "NL", "kenteken", "een", "foxtrot", "x-ray", "vraagteken", "drieëndertig", "-", "..")
        ),
        _TYPED,
    ),
    max_size=6,
).map(" ".join)  # fmt: skip

_TEXTS = st.one_of(_TYPED, _WORDY, st.text(max_size=20))


class TestSpellings:
    @given(st.data())
    def test_every_spelling_of_a_plate_is_that_plate(self, data: st.DataObject) -> None:
        plate = data.draw(plates())
        assume(not (len(plate) == 8 and plate.startswith("NL")))  # NL and a Dutch plate
        assert normalize(data.draw(spellings(plate))) == plate

    @given(st.integers(1, 14).flatmap(sidecode_plates))
    def test_the_country_before_a_dutch_plate_is_not_part_of_it(self, plate: Plate) -> None:
        assert normalize(f"NL{plate}") == normalize(f"NL-{plate}") == plate

    @pytest.mark.parametrize(
        ("text", "plate"),
        [
            ("NL-8 TZ 256", "8TZ256"),
            ("nl jkkj28", "JKKJ28"),
            ("NLG123AB", "G123AB"),
            ("nl nl 12AB34", "12AB34"),
            ("NL-NL-01-BB", "NL01BB"),
            ("N-L8TZ256", "8TZ256"),
            ("NL-GT-81", "NLGT81"),
            ("NL gt-81", "GT81"),
            ("NL", None),
            ("kenteken: 12-AB-34", "12AB34"),
            ("BÖR-ÄB 12", "BORAB12"),
            ("\uff18\uff0d\uff38\uff2b\uff36\uff0d\uff14\uff11", "8XKV41"),
            ("\u0412\u041a-12-\u041d\u0425", "BK12HX"),
            ("٣-XKV-٤١", "3XKV41"),
            ("8\u200b-XKV-41 🚗", "8XKV41"),
            ('"8-XKV-41",', "8XKV41"),
            ("12-AB-34...", "12AB34"),
            ("XX 37 ZM", "XX37ZM"),
            ("ÆØÅ-12", "AEOA12"),
        ],
    )
    def test_what_stands_around_a_plate_is_not_part_of_it(
        self, text: str, plate: str | None
    ) -> None:
        assert normalize(text) == (Plate(plate) if plate else Pattern(("N", "L")))


class TestIdempotence:
    @given(_TEXTS)
    def test_reading_what_was_read_changes_nothing(self, text: str) -> None:
        try:
            pattern = parse(text)
        except UnreadablePlate:
            return
        assert parse(str(pattern)) == pattern
        assert normalize(str(normalize(text))) == normalize(text)

    @given(_TEXTS)
    def test_nor_does_it_for_a_machine(self, text: str) -> None:
        try:
            pattern = parse(text, by_machine=True)
        except UnreadablePlate:
            return
        assert parse(str(pattern), by_machine=True) == pattern

    @given(patterns())
    def test_a_pattern_spells_itself(self, pattern: Pattern) -> None:
        assert normalize(str(pattern)) in (pattern, pattern.compact)

    @given(plates())
    def test_a_plate_spells_itself(self, plate: Plate) -> None:
        assume(not (len(plate) == 8 and plate.startswith("NL")))
        assert normalize(str(plate)) == plate
        assert parse(str(plate)) == Pattern(tuple(plate))


class TestShortcut:
    @given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=6, max_size=6))
    def test_six_symbols_with_a_digit_are_what_parsing_makes_of_them(self, text: str) -> None:
        assume(any(map(str.isdigit, text)))
        assert normalize(text) == parse(text).compact == text


class TestTotality:
    @given(st.one_of(_TEXTS, st.text(st.characters(), max_size=60)))
    def test_nothing_but_unreadable_plate_is_raised(self, text: str) -> None:
        with suppress(UnreadablePlate):
            pattern = parse(text)
            assert pattern.known
            assert len(pattern.symbols) <= LONGEST_PATTERN
            assert all(0 < place < len(pattern.symbols) for place in pattern.separators)
            assert list(pattern.separators) == sorted(set(pattern.separators))

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ("", "nothing was read"),
            (" -./ ", "nothing was read"),
            ("***", "nothing was read"),
            ("??-?_#", "nothing was read"),
            ("de letters kenteken", "nothing was read"),
            ("8-XKV\x00-41", "control character"),
            ("8-XKV-41\n", "control character"),
            ("8-漢KV-41", "no plate"),
            ("8-\ud800KV-41", "no plate"),
            ("8" * (LONGEST_PATTERN + 1), "more than 64 symbols"),
            ("8-" * (LONGEST_PATTERN + 1), "more than 64 symbols"),
            ("8" * (LONGEST_TEXT + 1), "longer than 500"),
            (" " * 10_000 + "8", "longer than 500"),
        ],
    )
    def test_the_message_says_what_to_change_and_not_what_was_typed(
        self, text: str, complaint: str
    ) -> None:
        with pytest.raises(UnreadablePlate, match=complaint) as fault:
            normalize(text)
        assert "XKV" not in str(fault.value)
        assert "type" in str(fault.value) or "use" in str(fault.value)

    def test_the_longest_pattern_is_read(self) -> None:
        assert len(parse("8" * LONGEST_PATTERN).symbols) == LONGEST_PATTERN

    @pytest.mark.parametrize("piece", ["NL ", "NL-", "*-", "[8", "(8/", "XX ", "een ", "..", "?. "])
    def test_no_text_takes_long(self, piece: str) -> None:
        text = (piece * LONGEST_TEXT)[:LONGEST_TEXT]
        start = time.perf_counter()
        with suppress(UnreadablePlate):
            parse(text)
        assert time.perf_counter() - start < 0.5


class TestPartsOfAPlate:
    @pytest.mark.parametrize(
        ("text", "pattern"),
        [
            ("8X-?V-41", "8X-?V-41"),
            ("8_-#V-41", "8?-?V-41"),
            ("12*", "12*"),
            ("12**-*34", "12*-34"),
            ("868-hk-*", "868-HK-*"),
            ("[B8]X-KV-41", "[8B]X-KV-41"),
            ("(8/b) XK [v?] 41", "[8B]-XK-?-41"),
            ("[8] x[] [*]k", "8XK"),
            ("[8-XKV", "8-XKV"),
            ("12 [N]L 3?", "12-NL-3?"),
            ("[n]l-4?", "4?"),
        ],
    )
    def test_unknown_doubted_and_missing_symbols(self, text: str, pattern: str) -> None:
        assert str(parse(text)) == pattern

    @pytest.mark.parametrize(
        ("text", "pattern"),
        [
            ("12-X?-..", "12-X?-??"),
            ("hf.j..", "HF?J??"),
            (".XK.84", "?XK?84"),
            ("9 BF. .7", "9-BF?-?7"),
            ("3TH-50", "3TH?50"),
            ("-L-5D-", "?L?5D?"),
            ("32---0", "32???0"),
            ("1-.VX-", "1??VX?"),
        ],
    )
    def test_marks_that_complete_a_dutch_plate_are_symbols_not_seen(
        self, text: str, pattern: str
    ) -> None:
        assert str(parse(text)) == pattern

    @pytest.mark.parametrize(
        ("text", "pattern"),
        [
            ("s.854.d", "S-854-D"),
            ("hf.jd..", "HF-JD*"),
            ("80-PBT", "80-PBT"),
            ("rsj.71", "RSJ-71"),
            ("53-t..", "53-T*"),
            ("gs 426...", "GS-426*"),
            ("x-zn8-...", "X-ZN8-*"),
            ("3d--", "3D*"),
            ("..x.204.x", "*X-204-X"),
            ("NL-42x..", "42X*"),
            ("3TH 5-0", "3TH-5-0"),
            ("3TH/50", "3TH50"),
            ("laatste 3TH-50", "*3TH-50"),
        ],
    )
    def test_other_marks_separate_or_leave_open(self, text: str, pattern: str) -> None:
        assert str(parse(text)) == pattern

    @pytest.mark.parametrize(("text", "pattern"), [("3TH-50", "3TH-50"), ("-43--1", "43-1")])
    def test_the_dashes_of_a_machine_are_dashes(self, text: str, pattern: str) -> None:
        assert str(parse(text, by_machine=True)) == pattern
        assert str(parse(text)) != pattern

    def test_a_machine_reads_the_band_of_its_country_and_no_words(self) -> None:
        assert str(parse("NL27-GM-XT", by_machine=True)) == "27-GM-XT"
        assert str(parse("een 12", by_machine=True)) == "EEN-12"


class TestWords:
    @pytest.mark.parametrize(
        ("text", "pattern"),
        [
            ("begint met 12", "12*"),
            ("12 begin", "12*"),
            ("begin SF93", "SF93*"),
            ("eerste deel 3T", "3T*"),
            ("gj-zx en nog wat", "GJ-ZX*"),
            ("starts with 12", "12*"),
            ("begint met kent. 76", "76*"),
            ("eindigt op XK", "*XK"),
            ("einde NL 34", "*34"),
            ("2SZF eind", "*2SZF"),
            ("laatste drie 7 jx", "*7-JX"),
            ("ends with 41", "*41"),
            ("begint met 8X eindigt op 41", "8X*41"),
            ("iets met vrm3", "*VRM3*"),
            ("JP47 middenin", "*JP47*"),
            ("contains 8X", "*8X*"),
            ("xx 6-tpn", "*6-TPN"),
            ("xx B05T", "*B05T"),
            ("xx MV-72", "*MV-72"),
            ("dnpf xx", "DNPF*"),
            ("xx NL-VSB 62", "*VSB-62"),
            ("KL 21 XX", "KL-21-XX"),
        ],
    )
    def test_a_beginning_or_an_ending_leaves_the_rest_open(self, text: str, pattern: str) -> None:
        assert str(parse(text)) == pattern

    @pytest.mark.parametrize(
        ("text", "pattern"),
        [
            ("de letters RBM", "*[BMR]*[BMR]*[BMR]*"),
            ("N K S K en cijfers", "*[KNS]*[KNS]*[KNS]*[KNS]*"),
            ("letters NN", "*N*N*"),
            ("jtz erin", "*[JTZ]*[JTZ]*[JTZ]*"),
            ("33 en letters", "*3*3*"),
            ("nummer 106", "*1*0*6*"),
            ("nummer 12-AB-34", "12-AB-34"),
        ],
    )
    def test_letters_or_digits_alone_leave_room_between_them(self, text: str, pattern: str) -> None:
        assert str(parse(text)) == pattern

    @pytest.mark.parametrize(
        ("text", "pattern"),
        [
            ("1 8 foxtrot sierra romeo 3", "18FSR3"),
            ("3 johan xantippe johan 1 1", "3JXJ11"),
            ("Één twee ALFA x-ray negen Niner", "12AX99"),
            ("acht xantippe karel vraagteken victor eenenveertig", "8XK?V-41"),
            ("tweeëntwintig anna anton streepje tien", "22-AA-10"),
            ("NL 8 tango", "8T"),
        ],
    )
    def test_a_report_by_radio_is_typed_as_heard(self, text: str, pattern: str) -> None:
        assert str(parse(text)) == pattern

    @pytest.mark.parametrize("word", ["TANGO", "EEN", "x-ray", "eind", "kenteken"])
    def test_a_word_alone_is_a_plate(self, word: str) -> None:
        assert normalize(word) == word.upper().replace("-", "")

    def test_every_letter_and_digit_has_a_word_in_both_languages(self) -> None:
        nato = (
            "alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike "
            "november oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu"
        )
        dutch = (
            "anna bernard cornelis dirk eduard ferdinand gerard hendrik izaak johannes karel "
            "lodewijk maria nico otto pieter quirinus rudolf simon theodoor utrecht victor willem "
            "xantippe ypsilon zaandam"
        )
        assert without_words(nato.upper()).text == without_words(dutch.upper()).text
        assert without_words(nato.upper()).text == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        for digits in (
            "nul een twee drie vier vijf zes zeven acht negen",
            "zero one two three four five six seven eight nine",
        ):
            assert without_words(digits.upper()).text == "0123456789"

    def test_a_cue_is_told_apart_from_the_text(self) -> None:
        told = without_words("EINDIGT OP 41")
        assert (told.text, told.cue) == ("41", Cue.ENDING)
