"""The part of `extract run` that is about Spark: its options, and the run with ``--engine spark``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

if TYPE_CHECKING:
    from extract.pipeline import Extractor
    from extract.spark.job import SparkManifest


def with_spark(command: Callable[..., None]) -> Callable[..., None]:
    """Give `extract run` the options of Spark; with ``--engine spark`` the command itself is not called."""

    @wraps(command)
    def run(*, engine: str, master: str | None, conf: tuple[str, ...], out: str | None, **given: Any) -> None:
        if engine == "spark":
            _run_on_spark(out, master=master, conf=conf, **given)
        for name, value in (("--master", master), ("--conf", conf)):
            if value:
                _refuse(f"{name} is for --engine spark; add that, or leave {name} out (需要 --engine spark)")
        if out is None:
            _refuse("Missing option '-o' / '--out': the folder to write to (缺少输出文件夹)")
        command(out=Path(out), **given)

    for option in (
        click.option("--conf", metavar="KEY=VALUE", multiple=True, help="A setting of Spark. Spark 设置"),
        click.option("--master", metavar="URL", help="Spark's master: spark://host:7077, yarn, local[4]. Spark 主节点"),
        click.option(
            "--engine", type=click.Choice(("local", "spark")), default="local", show_default=True,
            help="spark: by many machines, with any path that Spark knows; give PATH and OUT. 运行引擎",
        ),
    ):  # fmt: skip
        run = option(run)
    return run


def _run_on_spark(
    out: str | None, *, master: str | None, conf: Sequence[str], paths: Sequence[str], patterns: Sequence[Path],
    models: Path | None, lang: str, formats: Sequence[str], size_limit: float, time_limit: float, force: bool,
    quiet: bool, workers: int | None, html: bool,
) -> NoReturn:  # fmt: skip
    source, target = _paths(paths, out)
    for name, given in (("--workers", workers), ("--html", html)):
        if given:
            _refuse(f"{name} is for --engine local; {_INSTEAD[name]} (Spark 不支持该选项)")
    others = {name.strip().lower() for part in formats for name in part.split(",")} - {"parquet", ""}
    if others:
        _refuse(
            f"--format {sorted(others)[0]} is for --engine local; with Spark the tables are Parquet, and the JSON of"
            " every document stands in the table reports (Spark 只输出 Parquet)"
        )
    settings = dict(map(_setting, conf))

    from extract.exports.writer import MissingPackageError
    from extract.spark.session import brief, check_installed, start
    from extract.spark.settings import SparkError

    try:
        check_installed()  # before anything is read
        extractor = _extractor(patterns, models, lang)

        from extract.run import Options
        from extract.spark.job import run_spark

        options = Options(
            [folder.as_posix() for folder in patterns], models.as_posix() if models else None, lang, ["parquet"],
            size_limit=int(size_limit * 1_000_000), time_limit=time_limit,
        )  # fmt: skip
        session = start(master, settings, quiet=quiet)
        try:
            manifest = run_spark(session, source, target, extractor, options=options, force=force)
        finally:
            session.stop()
    except (SparkError, MissingPackageError) as error:
        _refuse(str(error))
    except KeyboardInterrupt:
        click.echo(f"stopped; {target} is not whole, give the command again with --force (已停止)", err=True)
        sys.exit(130)
    except Exception as error:
        if not type(error).__module__.startswith(("pyspark", "py4j")):
            raise
        click.echo(
            f"Spark gave up: {brief(error)}; {target} is not whole, mend that and give the command again with --force"
            " (Spark 运行失败)",
            err=True,
        )
        sys.exit(1)
    if not quiet:
        click.echo(_closing_line(manifest, target), err=True)
    sys.exit(1 if manifest.counts["failures"] else 0)


def _extractor(patterns: Sequence[Path], models: Path | None, lang: str) -> Extractor:
    from extract.patterns import PatternError
    from extract.pipeline import Extractor
    from extract.section_model import ModelError

    try:
        extractor = Extractor(patterns, models=models, language=lang)
        extractor.prepare()
    except ModelError as error:
        _refuse(str(error))
    except PatternError as error:
        _refuse(f"{error}\n`extract check DIR` lists all problems of a pattern folder (extract check 可检查规则文件夹)")
    return extractor


_INSTEAD: Final = {
    "--workers": "processes are set with --conf, e.g. spark.cores.max=8, or --master 'local[8]'",
    "--html": "make the page of a sample that is read with --engine local",
}


def _paths(paths: Sequence[str], out: str | None) -> tuple[str, str]:
    if len(paths) != (2 if out is None else 1):
        _refuse(
            "with --engine spark give one input, a folder or a pattern such as 'data/*/2023', and then the output:"
            " extract run --engine spark IN OUT (需要一个输入和一个输出文件夹)"
        )
    source, target = paths[0], paths[1] if out is None else out
    if source == "-":
        _refuse("with --engine spark give a path as the input, not - for standard input (不能从标准输入读取)")
    return source, target.rstrip("/") or "/"


def _setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.startswith("spark."):
        _refuse(f"--conf {text}: write a setting of Spark as spark.key=value (格式为 spark.key=value)")
    return key, value


def _closing_line(manifest: SparkManifest, out: str) -> str:
    counts = manifest.counts
    parts = [f"{counts[name]:,} {name}" for name in ("documents", "characters", "quantities", "metrics")]
    if counts["failures"]:
        parts.append(f"{counts['failures']:,} failed (reasons in the table {out}/failures)")
    if counts["skipped"]:
        parts.append(f"{counts['skipped']:,} other files skipped")
    return f"{', '.join(parts)} → {out}"


def _refuse(message: str) -> NoReturn:
    raise click.UsageError(message, click.get_current_context())
