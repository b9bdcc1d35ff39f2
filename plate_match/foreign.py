"""Plate -> the neighbouring countries whose plates are spelled like it.

Shapes only, and soft: a plate that fits none may still be foreign, and one that fits several
belongs to the country whose vehicles are seen most in Twente. Nothing is refused.
"""

import re

from plate_match.layouts import sidecode, special_series
from plate_match.plate import Plate

_DISTRICT_LIST = """
    A AA AB ABG ABI AC AE AH AIB AIC AK ALF ALZ AM AN ANA ANG ANK AP APD ARN ART AS ASD ASL ASZ
    AT AU AUR AW AZ AZE
    B BA BAD BAR BB BBG BBL BC BCH BD BED BER BF BGD BGL BH BI BID BIN BIR BIT BIW BK BKS BL BLB
    BLK BM BN BNA BO BOG BOH BOR BOT BR BRA BRB BRG BRI BRK BRL BRV BS BSB BSK BT BTF BUL BW BWL
    BYL BZ BZA
    C CA CAS CB CE CHA CLP CLZ CO COC COE CR CUX CW
    D DA DAH DAN DAU DBR DD DE DEG DEL DGF DH DI DIL DIN DIZ DKB DL DLG DM DN DO DON DU DUD DW DZ
    E EA EB EBE EBN EBS ECK ED EE EF EG EH EI EIC EIH EIL EIN EIS EL EM EMD EMS EN ER ERB ERH ERK
    ERZ ES ESB ESW EU EW
    F FB FD FDB FDS FEU FF FFB FG FI FKB FL FLO FN FO FOR FR FRG FRI FRW FS FT FTL FUS FZ
    G GA GAN GAP GC GD GDB GE GEL GEM GEO GER GF GG GHA GHC GI GK GL GLA GM GMN GN GNT GOA GOH GP
    GR GRA GRH GRI GRM GRZ GS GT GTH GUB GUN GV GVM GW GZ
    H HA HAB HAL HAM HAS HB HBN HBS HC HCH HD HDH HDL HE HEB HEF HEI HEL HER HET HF HG HGN HGW HH
    HHM HI HIG HIP HK HL HM HMU HN HO HOG HOH HOL HOM HOR HOT HP HR HRO HS HSK HST HU HUN HUS HV
    HVL HWI HX HY HZ
    IGB IK IL ILL IN IS IZ J JE JEV JL
    K KA KB KC KE KEH KEL KEM KF KG KH KI KIB KK KL KLE KLZ KM KN KO KR KRU KS KT KU KUN KUS KW KY
    KYF
    L LA LAN LAU LB LBS LBZ LC LD LDK LDS LEO LER LEV LF LG LH LI LIB LIF LIN LIP LL LM LN LOS LP
    LR LRO LSA LSN LSZ LU LUN LUP LWL
    M MA MAB MAI MAK MAL MB MC MD ME MED MEG MEI MEK MEL MEP MER MET MG MGH MGN MH MHL MI MIL MK
    MKK ML MM MN MO MOD MOL MON MOS MQ MR MS MSE MSH MSP MST MTK MTL MU MUB MUR MVL MW MY MYK MZ
    MZG
    N NAB NAI NAU NB ND NDH NE NEA NEB NEC NEN NES NEU NEW NF NH NI NK NL NM NMB NMS NOH NOL NOM
    NOR NP NR NRW NT NU NVP NW NWM NY NZ
    OA OAL OB OBB OBG OC OCH OD OE OF OG OH OHA OHV OHZ OK OL OP OPR OR OS OSL OTW OVI OVL OVP OZ
    P PA PAF PAN PAR PB PCH PE PEG PF PI PIR PL PLO PM PN PR PRU PS PW PZ QFT QLB
    R RA RC RD RDG RE REG REH REI RG RH RI RID RIE RL RM RN RO ROD ROF ROH ROK ROL ROS ROT ROW RP
    RPL RS RSL RT RU RUD RUG RV RW RY RZ
    S SAB SAD SAL SAN SAW SB SBG SBK SC SCZ SDH SDL SDT SE SEB SEE SEF SEL SFB SFT SG SGH SH SHA
    SHG SHK SHL SI SIG SIM SK SL SLE SLF SLG SLK SLN SLS SLZ SM SMU SN SNH SO SOB SOG SOK SOL SON
    SP SPB SPN SR SRB SRO ST STA STB STD STE STH STL STO SU SUL SW SWA SY SZ SZB
    TBB TDO TE TET TF TG THL THW TIR TO TP TR TS TT TUT UE UEM UER UFF UH UL UM UN USI
    V VAI VB VEC VER VG VIB VIE VIT VK VL VOH VR VS
    W WA WAF WAK WAN WAR WAT WB WBS WDA WE WED WEG WEL WEN WER WES WF WG WHV WI WIL WIN WIS WIT WIZ
    WK WL WLG WM WMS WN WND WO WOB WOH WOL WOR WOS WR WRN WS WSF WST WSW WT WTL WTM WU WUG WUN WUR
    WW WZ WZL X Y Z ZE ZEL ZI ZIG ZP ZR ZW ZZ
"""
"""German districts, umlauts folded to A, O, U as plates are here.

With X (NATO) and Y (forces). A district missing here costs a plate its country and its
grouping, nothing else.
"""

_DISTRICTS = frozenset(_DISTRICT_LIST.split())

_LONGEST_GERMAN = 8

_GERMAN = re.compile(r"([A-Z]{2,5})([1-9]\d{0,3}[EH]?)")

_BELGIAN = re.compile(
    r"([1-9])([A-Z]{3})(\d{3})"  # since 2010
    r"|([GMOQSTVYZ])([A-Z]{3})(\d{3})"  # motorcycle, trailer, moped, taxi, oldtimer, trade
    r"|(W[A-Z]?)(\d\d)([A-Z]{3})"  # temporary
    r"|()([A-Z]{3})(\d{3})"  # 1973-2008
    r"|()(\d{3})([A-Z]{3})"  # 2008-2010
)

_SERIAL = "[ACEFGHJKLMNPRSTUVWXY]"
"""Polish serial letters: no B, D, I, O, Q, Z."""

_POLISH = re.compile(
    r"([BCDEFGKLNOPRSTWZ][A-Z])(\d{5}|\d{4}s|\d{3}ss|\ds\d{3}|\dss\d{2})"
    r"|([BCDEFGKLNOPRSTWZ][A-Z]{2})"
    r"(s\d{3}|\d\dss|\ds\d\d|\d\ds\d|\dss\d|ss\d\d|\d{5}|\d{4}s|\d{3}ss)".replace("s", _SERIAL)
)

_FRENCH = re.compile(r"([A-HJ-NP-TV-Z]{2})(\d{3})([A-HJ-NP-TV-Z]{2})")
"""Since 2009; without I, O, U."""

_BRITISH = re.compile(r"([A-HJ-PR-Y][A-HJ-PR-Y]\d\d)([A-HJ-PR-Z]{3})")
"""Since 2001."""


def countries(plate: Plate) -> tuple[str, ...]:
    """Return the countries this plate can be of (ISO 3166), the likeliest in Twente first.

    By spelling alone; empty where it is like none known here, which refuses nothing. Outside
    the fourteen layouts a neighbour's ordinary plate is likelier than a Dutch special one.
    """
    if sidecode(plate):
        return ("NL", *_shaped_like(plate))
    return (*_shaped_like(plate), *(("NL",) if special_series(plate) else ()))


def grouped(plate: str) -> str:
    """Return a foreign plate as its likeliest country shows it, or compact as it is.

    The dash of a German plate stands for the district's seals; where the split is ambiguous
    a series of two letters is shown, the more usual one. A plate whose first group is NL stays
    compact: set apart, that would be read as the country.
    """
    shown = _shown(plate)
    return plate if shown.startswith(("NL-", "NL ")) else shown


def _shown(plate: str) -> str:
    german = _german_parts(plate)
    if german:
        district, series, number = german
        return f"{district}-{series} {number}"
    for country, mark in ((_POLISH, " "), (_BELGIAN, "-"), (_FRENCH, "-"), (_BRITISH, " ")):
        fits = country.fullmatch(plate)
        if fits:
            return mark.join(group for group in fits.groups() if group)
    return plate


def _german_parts(plate: str) -> tuple[str, str, str] | None:
    """Return district, series and number; a series of two letters if there can be one."""
    fits = _GERMAN.fullmatch(plate)
    if fits is None or len(plate) > _LONGEST_GERMAN:
        return None
    letters, number = fits.groups()
    for district in (letters[:-2], letters[:-1]):
        if district in _DISTRICTS:
            return district, letters[len(district) :], number
    return None


def _shaped_like(plate: str) -> tuple[str, ...]:
    found = {
        "DE": _german_parts(plate) is not None,
        "PL": _POLISH.fullmatch(plate) is not None,
        "BE": _BELGIAN.fullmatch(plate) is not None,
        "FR": _FRENCH.fullmatch(plate) is not None,
        "GB": _BRITISH.fullmatch(plate) is not None,
    }
    return tuple(country for country, fits in found.items() if fits)
