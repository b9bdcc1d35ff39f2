from ipaddress import IPv4Address, IPv4Network, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.limits import Limits
from service.network_address import bare_host, networks_of


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("[::1]", "::1"),
        ("[2001:DB8::1]", "2001:db8::1"),
        ("[fe80::1%25eth0]", "fe80::1%eth0"),
        ("::1", "::1"),
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "localhost"),
        ("plates.example.org", "plates.example.org"),
        ("3com.example", "3com.example"),
    ],
)
def test_a_host_is_written_with_or_without_the_brackets_of_a_url(written: str, host: str) -> None:
    assert bare_host(written) == host


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "[]",
        "[127.0.0.1]",
        "[::1",
        "::1]",
        "[localhost]",
        "127.1",
        "0",
        "-1",
        "127.0.0.256",
        "\uff11\uff12\uff17.0.0.1",
        "127.0.0.1 ",
        "127.0.0.1:8000",
        "http://127.0.0.1",
        "a..b",
        "a\x00b",
        "a" * 64,
        ".".join(["a" * 60] * 5),
    ],
)
def test_what_is_neither_an_address_nor_a_name_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is neither an IP address nor the name of a host"):
        bare_host(written)


def test_every_part_of_a_list_that_is_no_network_is_named_by_its_number() -> None:
    parts = ["10.0.0.0/8", "", "hunter2", 7, None, "10.0.0.1/8", "[2001:db8::1]", "1.2.3.4/٣"]
    with pytest.raises(ValueError, match="part 2 of 8 is empty") as caught:
        networks_of(parts)
    told = str(caught.value)
    assert "part 6 of 8 is an address with a prefix; the network is 10.0.0.0/8" in told
    for number in (3, 4, 5, 8):
        assert f"part {number} of 8 is neither an IP address nor a network" in told
    assert "hunter2" not in told
    assert "part 1" not in told
    assert "part 7" not in told


def test_brackets_and_spaces_around_a_part_mean_nothing() -> None:
    assert networks_of([" [2001:db8::1] ", "[2001:db8:1::]/48"]) == (
        IPv6Network("2001:db8::1/128"),
        IPv6Network("2001:db8:1::/48"),
    )


@given(st.ip_addresses(v=4), st.integers(0, 32), st.ip_addresses(v=4))
def test_ipv4_is_the_same_however_network_and_peer_are_written(
    address: IPv4Address, length: int, peer: IPv4Address
) -> None:
    plain = IPv4Network((address, length), strict=False)
    mapped = f"::ffff:{plain.network_address}/{96 + length}"
    assert networks_of([mapped]) == networks_of([str(plain)]) == (plain,)
    limits = Limits(peers=networks_of([mapped]))
    for written in (f"::ffff:{peer}", str(peer)):
        assert limits.admits(written) is (peer in plain)
