"""Small market files in every format, made here, and where the recorded ones lie if there are any."""

import gzip
import io
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
from pyarrow import feather

from perptape.core.durations import MINUTE_NS

T0_NS = 1_670_889_600_000_000_000  # 2022-12-13T00:00:00Z
T0_S = T0_NS // 10**9
T0_MS = T0_NS // 10**6

RECORDED = Path(__file__).resolve().parents[5] / "shared" / "data"

CANDLES = f"""timestamp,open,high,low,close,volume
{T0_S},100.0,110.0,90.0,105.0,5
{T0_S + 60},105.0,106.0,80.0,81.0,0
{T0_S + 120},81.0,82.0,80.5,81.5,1.25
"""
TRADES = f"""timestamp,symbol,side,size,price,id
{T0_S}.5,BTCUSDT,Buy,0.5,100.5,a
{T0_S}.5,BTCUSDT,Sell,0.25,100,b
{T0_S + 1},BTCUSDT,Sell,1,99.5,c
"""
QUOTES = f"""time,bid,bid_size,ask,ask_size
{T0_MS},99,5,101,4
{T0_MS},99,4,101,4
{T0_MS + 250},99.5,1,100.5,0
"""
MARKS = f"timestamp,mark_price\n{T0_S},100.1\n{T0_S + 1},100\n{T0_S + 3},100.2\n"
FUNDING = f"""calc_time,funding_interval_hours,last_funding_rate
{T0_MS + 3},8,0.0001
{T0_MS + 28_800_001},8,0
{T0_MS + 57_600_000},8,-0.00005
"""


def written(folder: Path, name: str, content: str | bytes) -> Path:
    """A file with this content."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def zipped(content: str, member: str = "rows.csv", **more: str) -> bytes:
    """A zip archive of one member, or of more."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {member: content, **more}.items():
            archive.writestr(name, text)
    return target.getvalue()


def gzipped(content: str) -> bytes:
    """The content, gzipped."""
    return gzip.compress(content.encode())


def feathered(columns: Mapping[str, list[float]], times_ns: list[int]) -> bytes:
    """A feather file as freqtrade writes them."""
    dates = pa.array(times_ns, pa.timestamp("ns", "UTC"))
    table = pa.table({"date": dates, **{name: pa.array(values, pa.float64()) for name, values in columns.items()}})
    target = io.BytesIO()
    feather.write_feather(table, target)
    return target.getvalue()


def freqtrade(opens: list[float], **others: list[float]) -> bytes:
    """A freqtrade feather of one-minute bars; columns not given are zero."""
    zeros = [0.0] * len(opens)
    columns = {"open": opens, **{name: others.get(name, zeros) for name in ("high", "low", "close", "volume")}}
    return feathered(columns, [T0_NS + index * MINUTE_NS for index in range(len(opens))])


def decimals(*texts: str) -> tuple[Decimal, ...]:
    """Several decimals."""
    return tuple(map(Decimal, texts))
