# See `native/python.h` for what each function takes.
from typing_extensions import Buffer

PROCESSOR: str

def rates(
    weight: Buffer,
    insert: Buffer,
    delete: Buffer,
    dash_delete: Buffer,
    transpose: Buffer,
    cut: Buffer,
    placed: Buffer,
    inserted: Buffer,
    confidence: Buffer,
    gap: float,
    /,
) -> object: ...
def read(rates: object, weight: float, columns: bytes, /) -> object: ...
def index(
    draws: list[bytes],
    groups: list[tuple[object, ...]],
    keys: Buffer,
    bits: Buffer,
    ranks: Buffer,
    /,
) -> object: ...
def search(
    index: object,
    looks: tuple[object, ...],
    floor: float,
    least: float,
    limit: int,
    grain: float,
    most_steps: int,
    profile: Buffer,
    ratios: Buffer,
    most: float,
    mean: float,
    spans: Buffer,
    at: float,
    /,
) -> tuple[bytes, bytes, bytes, float, float, float, int]: ...
def likelihood(
    read: object, keys: Buffer, shapes: Buffer, sums: Buffer, bests: Buffer, /
) -> None: ...
def series(length: int, draws: list[bytes], draw: Buffer, dashed: Buffer, /) -> object: ...
def series_sum(series: object, reads: list[object], weights: Buffer, so_far: float, /) -> float: ...
def series_best(series: object, reads: list[object], so_far: float, /) -> float: ...
def series_draws(series: object, keys: Buffer, weights: Buffer, to: Buffer, /) -> None: ...
def processors() -> list[str]: ...
def use(name: str, /) -> None: ...
def align(read: object, key: int, shape: int, /) -> tuple[bytes, bytes]: ...
def neighbours(reads: list[object], key: int, shapes: Buffer, to: Buffer, /) -> None: ...
