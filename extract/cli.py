"""The command line. Every command imports what it needs when it runs, so that `extract --help` answers at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from extract import __version__
from extract.spark_command import with_spark
from extract.view import PAGE, view, write_page

if TYPE_CHECKING:
    from extract.run import Input, Manifest

_FOLDERS = click.Path(path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def main() -> None:
    """Exact figures, roles and relations from Chinese reports, as JSON and tables.

    从中文报告中提取数字、指标及其关系，输出 JSON 与表格。

    \b
    Start here (从这里开始):
      extract run reports/ -o out/
    """


main.add_command(view)


@main.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("-o", "--out", help="Folder to write to; made if missing. 输出文件夹")
@click.option(
    "--patterns",
    metavar="DIR",
    multiple=True,
    type=_FOLDERS,
    help="Lay your own patterns over the built-in ones; may be given again. 自己的规则文件夹",
)
@click.option("--models", metavar="DIR", type=_FOLDERS, help="A model of `extract train`. 自己训练的模型文件夹")
@click.option(
    "--lang", type=click.Choice(("zh", "en")), default="zh", show_default=True, help="Language of findings. 审计语言"
)
@click.option(
    "--format", "formats", metavar="NAMES", multiple=True,
    help="More formats beside JSON and CSV, by commas: jsonl, parquet, sqlite, duckdb, xlsx. 其他输出格式",
)
@click.option("--workers", metavar="N", type=click.IntRange(min=1), help="Processes; default one a core. 并行进程数")
@click.option(
    "--time-limit", metavar="SECONDS", type=click.FloatRange(min=0, min_open=True), default=300.0, show_default=True,
    help="For one document; what takes longer is a failure. 单个文件限时",
)
@click.option(
    "--size-limit", metavar="MB", type=click.FloatRange(min=0, min_open=True), default=100.0, show_default=True,
    help="For one file. 单个文件大小上限",
)
@click.option("--force", is_flag=True, help="Read again what an earlier run has finished. 全部重新读取")
@click.option("--html", is_flag=True, help="Also a page to review, OUT/review.html. 同时生成审阅网页")
@click.option("--quiet", is_flag=True, help="No progress bar and no closing line. 不显示进度")
@with_spark
def run(
    paths: tuple[str, ...], out: Path, patterns: tuple[Path, ...], models: Path | None, lang: str,
    formats: tuple[str, ...], workers: int | None, time_limit: float, size_limit: float, force: bool, html: bool,
    quiet: bool,
) -> None:
    """Read reports and write their records as JSON and CSV. 读取报告，写出结果。

    PATH is a file (text, HTML, Word, PDF, Excel, CSV, or a zip archive of such), a folder, searched with
    all its subfolders (README and CSV files are left aside there), or - for standard input.

    A run that was stopped, even killed, goes on where it was when the same command is given again:
    documents that are finished, and have not changed, are not read a second time.
    中断后重复同一命令即可继续，已完成且未变动的文件不再读取。

    \b
    Example (例):
      extract run reports/ -o out/
      extract run --engine spark --master spark://host:7077 hdfs:///reports hdfs:///out
    """  # fmt: skip
    from extract.exports import ALWAYS, FORMATS, MissingPackageError
    from extract.inputs import refuse_mixed
    from extract.run import BusyError, Options, OutputError, UsageError, find_inputs
    from extract.run import run as run_all

    if out.exists() and not out.is_dir():
        _refuse(f"{out} is a file; give -o a folder (-o 需要文件夹)")
    limit = int(size_limit * 1_000_000)
    try:
        wanted = [name.strip().lower() for part in formats for name in part.split(",") if name.strip()]
        if unknown := [name for name in wanted if name not in FORMATS]:
            _refuse(f"{unknown[0]!r} is no format; use any of {', '.join(FORMATS)} (没有这种格式)")
        inputs, skipped = find_inputs(paths, out=out, size_limit=limit)
        refuse_mixed(inputs, out)
    except UsageError as error:
        _refuse(str(error))
    if not inputs:
        _refuse("no file to read in the given folders; name other files one by one (没有找到可读取的文件)")
    with _usable_patterns():
        from extract.pipeline import Extractor

        extractor = Extractor(patterns, models=models, language=lang)
        extractor.prepare()
    kept: list[int] = []
    try:
        manifest = run_all(
            inputs,
            out,
            extractor,
            options=Options(
                [folder.as_posix() for folder in patterns],
                models.as_posix() if models else None,
                lang,
                list(dict.fromkeys([*ALWAYS, *wanted])),
                size_limit=limit,
                time_limit=time_limit,
            ),
            skipped=skipped,
            workers=workers or _cores(),
            force=force,
            progress=iter if quiet or not sys.stderr.isatty() else _bar,
            kept=kept.append,
        )
    except MissingPackageError as error:
        _refuse(str(error))
    except KeyboardInterrupt:
        click.echo(
            "stopped; the documents written so far are whole, give the same command again to go on"
            " (已停止，重复同一命令即可继续)",
            err=True,
        )
        sys.exit(130)
    except BusyError as error:
        _refuse(str(error))
    except OutputError as error:
        click.echo(
            f"stopped, nothing more can be written into {out}: {error.strerror}; the documents written so far are"
            " whole, make room and give the same command again to go on (无法写入，腾出空间后重复同一命令即可继续)",
            err=True,
        )
        sys.exit(1)
    if not quiet:
        click.echo(_closing_line(manifest, out, kept=sum(kept)), err=True)
    if html and manifest.inputs:
        write_page(out, out / PAGE, quiet=quiet)
    sys.exit(1 if manifest.failures else 0)


@main.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(("table", "json", "csv", "md")),
    default="table",
    show_default=True,
    help="How to print the findings. 输出格式",
)
@click.option("--lang", type=click.Choice(("zh", "en")), default="zh", show_default=True, help="Language. 语言")
@click.option(
    "--least",
    type=click.Choice(("error", "warning", "info")),
    default="info",
    show_default=True,
    help="Leave out what is less severe. 最低级别",
)
@click.option("--patterns", metavar="DIR", multiple=True, type=_FOLDERS, help="Your own patterns. 自己的规则文件夹")
def audit(paths: tuple[str, ...], form: str, lang: str, least: str, patterns: tuple[Path, ...]) -> None:
    """Check whether the figures of reports agree, worst first. 核对报告中的数字是否一致。

    Rates are computed anew, parts added up, words held against figures, and values of one indicator compared.
    What rounding of the printed figures can explain is no finding. Ends with 1 when there is an error, so
    that it can stand in a publication check; with 0 when there are warnings and notes only.

    \b
    Example (例):
      extract audit report.txt
      extract audit reports/ --least warning --format md > findings.md
    """
    from extract.findings import locate, render, worst_first
    from extract.run import UsageError, find_inputs, read_input, reason

    try:
        inputs, _ = find_inputs(paths)
    except UsageError as error:
        _refuse(str(error))
    if not inputs:
        _refuse("no *.txt or *.md file in the given folders; name other files one by one (没有找到文本文件)")
    with _usable_patterns():
        from extract.pipeline import Extractor

        extractor = Extractor(patterns, language=lang)
    found, failed = [], False
    for item in inputs:
        try:
            report, text = read_input(item, extractor)
        except Exception as error:  # the others are still wanted
            click.echo(f"{item.path}: not read: {reason(error)}", err=True)
            failed = True
            continue
        found.extend(locate(report, text))
    levels = ("error", "warning", "info")
    kept = [one for one in found if levels.index(one.finding.severity) <= levels.index(least)]
    click.echo(render(worst_first(kept), form, language=lang, paint=_paint), nl=False)
    counts = [sum(one.finding.severity == level for one in found) for level in levels]
    names = ("error", "errors"), ("warning", "warnings"), ("note", "notes")
    parts = [_count(number, one, many) for number, (one, many) in zip(counts, names, strict=True)]
    click.echo(f"{_count(len(inputs), 'document')}: {', '.join(parts)}", err=True)
    sys.exit(1 if counts[0] or failed else 0)


@main.command()
@click.argument("folder", metavar="[DIR]", required=False, type=_FOLDERS)
def check(folder: Path | None) -> None:
    """Check a pattern folder: says file, rule and what to do. 检查规则文件夹。

    Without DIR the built-in patterns are checked.

    \b
    Example (例):
      extract check my_patterns/
    """
    from extract.check import check_folder
    from extract.patterns import default_folder

    with _usable_patterns():
        folder = folder or default_folder()
        if not folder.is_dir():
            _refuse(f"{folder}: no such folder; check the path (没有这个文件夹)")
        problems = check_folder(folder)
    for problem in problems:
        click.echo(problem)
    if problems:
        click.echo(f"{len(problems)} problem{'s' if len(problems) > 1 else ''} in {folder}", err=True)
        sys.exit(1)
    click.echo(f"{folder}: all patterns hold", err=True)


@main.command()
@click.argument("sentence")
@click.option("--patterns", metavar="DIR", multiple=True, type=_FOLDERS, help="Your own patterns. 自己的规则文件夹")
@click.option("--json", "as_json", is_flag=True, help="The records of the sentence as JSON. 输出 JSON")
def explain(sentence: str, patterns: tuple[Path, ...], as_json: bool) -> None:
    """Show what is read from a sentence, and which rules did it. 说明一句话的提取过程。

    \b
    Example (例):
      extract explain "城镇新增就业1.07万人，完成年度任务的130%。"
    """
    with _usable_patterns():
        if as_json:
            from extract.pipeline import Extractor
            from extract.write import encode

            answer = encode(Extractor(patterns).read_text(sentence, doc_id="sentence")).decode()
        else:
            from extract.explain import explain as explain_sentence
            from extract.patterns import load_pack

            answer = explain_sentence(sentence, load_pack(*patterns))
    click.echo(answer.rstrip("\n"))


@main.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--cells", is_flag=True, help="Every cell and what became of it. 列出所有单元格")
@click.option("--unread", is_flag=True, help="Only the cells that were not understood. 只列未读懂的单元格")
@click.option("--patterns", metavar="DIR", multiple=True, type=_FOLDERS, help="Your own patterns. 自己的规则文件夹")
def tables(paths: tuple[str, ...], cells: bool, unread: bool, patterns: tuple[Path, ...]) -> None:
    """List the tables of reports, and what became of their cells. 列出报告中的表格及其读取情况。

    Fields are parted by TABs. A heading that is not known makes cells unread: add it to a rule of kind
    column in a pattern folder of your own.

    \b
    Examples (例):
      extract tables reports/
      extract tables reports/ --unread
    """
    from extract.run import UsageError, find_inputs

    try:
        inputs, _ = find_inputs(paths)
    except UsageError as error:
        _refuse(str(error))
    with _usable_patterns():
        from extract.pipeline import Extractor

        extractor = Extractor(patterns)
    from extract.run import read_input
    from extract.table_list import closing_words, list_cells, list_tables

    reports, failed = [], False
    for item in inputs:
        try:
            reports.append(read_input(item, extractor)[0])
        except (OSError, ValueError) as error:
            click.echo(f"{item.path}: {error}", err=True)
            failed = True
    for line in list_cells(reports, unread=unread) if cells or unread else list_tables(reports):
        click.echo(line)
    click.echo(closing_words(reports), err=True)
    sys.exit(1 if failed else 0)


@main.command()
@click.option("--tables", is_flag=True, help="The tables instead: a Frictionless data package. 表格的说明")
def schema(tables: bool) -> None:
    """Print the JSON Schema (2020-12) of a document. 输出文档格式。

    \b
    Example (例):
      extract schema > document.schema.json
    """
    if tables:
        from extract.exports.codebook import datapackage

        click.echo(datapackage().decode(), nl=False)
        return
    from extract.schema import schema_json

    click.echo(schema_json())


@main.command()
@click.argument("out", metavar="OUT", type=_FOLDERS)
@click.argument("gold", metavar="GOLD...", nargs=-1, required=True, type=_FOLDERS)
@click.option("--errors", metavar="N", default=0, help="Up to N errors of each kind. 列出错误")
def evaluate(out: Path, gold: tuple[Path, ...], errors: int) -> None:
    """Compare the documents of a run with gold files. 与人工标注比较。

    \b
    Example (例):
      extract evaluate out/ corpus/gold/*.json --errors 10
    """
    from extract.evaluate import evaluate as score
    from extract.evaluate import render_scores

    if not out.is_dir():
        _refuse(f"{out}: no such folder; give the folder that `extract run -o` wrote (没有这个文件夹)")
    for path in gold:
        if not path.is_file():
            _refuse(f"{path}: no such gold file; check the path (没有这个文件)")
    click.echo(render_scores(score(out, gold), errors=errors), nl=False)


@main.command()
@click.option("--data", type=_FOLDERS, help="Folder of *.csv with labelled sections. 训练数据文件夹")
@click.option("-o", "--out", type=_FOLDERS, help="Folder to write the model and its card to. 模型输出文件夹")
@click.option("--patterns", metavar="DIR", multiple=True, type=_FOLDERS, help="Your own patterns. 自己的规则文件夹")
def train(data: Path | None, out: Path | None, patterns: tuple[Path, ...]) -> None:
    """Train the classifier of section types anew. 重新训练章节类型分类器。

    The rows stand in CSV files with the columns document, heading, parent, first_sentence, type; see
    corpus/sections/. Without options, in a source tree, the built-in model is rebuilt from them. A model of your own is
    used with `extract run --models DIR`.

    \b
    Example (例):
      extract train --data my_sections/ -o my_models/
    """
    from extract.model_card import model_card
    from extract.patterns import load_pack
    from extract.section_model import default_models
    from extract.section_scores import headline, section_scores
    from extract.train import TrainingError, save
    from extract.train import train as train_model

    root = Path(__file__).resolve().parents[1]
    data, out = data or root / "corpus" / "sections", out or default_models()
    with _usable_patterns():
        pack = load_pack(*patterns)
        try:
            trained = train_model(data, pack)
        except TrainingError as error:
            _refuse(str(error))
    save(trained.model, out)
    names = {row["id"]: row["name_zh"] for row in pack.table("section_types")}
    (out / "README.md").write_text(model_card(trained, names), encoding="utf-8")
    click.echo(f"by document: {headline(section_scores(trained.judged))}")
    click.echo(f"{len(trained.rows):,} rows → {out}", err=True)


@main.command()
@click.argument("out", metavar="OUT", type=_FOLDERS)
@click.option("--to", "tool", type=click.Choice(["label-studio", "brat"]), required=True, help="Tool. 标注工具")
@click.option("-o", "target", required=True, type=_FOLDERS, help="Folder to write to; made if missing. 输出文件夹")
@click.option("--texts", metavar="DIR", type=_FOLDERS, help="Where the texts are now, if they were moved. 原文文件夹")
def annotate(out: Path, tool: str, target: Path, texts: Path | None) -> None:
    """Export a run to an annotation tool, to be corrected there. 导出到标注工具。

    OUT is the folder that `extract run -o` wrote. `extract gold` takes the corrected annotation back.

    \b
    Example (例):
      extract annotate out/ --to label-studio -o annotation/
    """
    from extract.annotation.documents import run_documents
    from extract.annotation.tools import export_run

    with _usable_patterns(), _usable_annotation():
        count, config = export_run(run_documents(out, texts=texts), tool, target)
    click.echo(f"{_count(count, 'document')} → {target}; the labels are in {config}", err=True)


@main.command()
@click.argument("source", metavar="ANNOTATION", type=_FOLDERS)
@click.option("-o", "--out", required=True, type=_FOLDERS, help="Folder for the gold files. 标注结果文件夹")
@click.option("--sections", metavar="FILE", type=_FOLDERS, help="Also rows for `extract train`, as CSV. 训练数据")
def gold(source: Path, out: Path, sections: Path | None) -> None:
    """Take corrected annotation back, as gold for `extract evaluate`. 导入标注结果。

    ANNOTATION is the JSON export of Label Studio, or the folder of a brat collection.

    \b
    Example (例):
      extract gold project-1.json -o gold/ --sections sections.csv
    """
    from extract.annotation.documents import read_annotations
    from extract.annotation.gold import write_gold, write_training_rows

    with _usable_annotation():
        written = write_gold(read_annotations(source), out)
        rows = write_training_rows(read_annotations(source), sections) if sections else 0
    if not written:
        _refuse(f"{source}: nothing is annotated in it (没有标注结果)")
    also = f", {_count(rows, 'training row')} → {sections}" if sections else ""
    click.echo(f"{_count(len(written), 'gold file')} → {out}{also}", err=True)


@contextmanager
def _usable_annotation() -> Iterator[None]:
    from extract.annotation.marks import AnnotationError

    try:
        yield
    except AnnotationError as error:
        _refuse(str(error))


@contextmanager
def _usable_patterns() -> Iterator[None]:
    from extract.patterns import PatternError
    from extract.section_model import ModelError

    try:
        yield
    except ModelError as error:
        _refuse(str(error))
    except PatternError as error:
        _refuse(f"{error}\n`extract check DIR` lists all problems of a pattern folder (extract check 可检查规则文件夹)")


def _paint(text: str, severity: str) -> str:
    return click.style(text, fg={"error": "red", "warning": "yellow"}.get(severity, "blue"), bold=severity == "error")


def _refuse(message: str) -> None:
    raise click.UsageError(message, click.get_current_context())


def _bar(inputs: Sequence[Input]) -> Iterable[Input]:
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread of its own: workers are forked later
    bar: Iterable[Input] = tqdm(inputs, unit="doc", leave=False, dynamic_ncols=True)
    return bar


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _closing_line(manifest: Manifest, out: Path, *, kept: int) -> str:
    counts = manifest.counts
    parts = [_count(counts.get(f"{name}s", 0), name) for name in ("document", "character")]
    parts += [_count(counts.get("quantities", 0), "quantity", "quantities"), _count(counts.get("metrics", 0), "metric")]
    if kept:
        parts.append(f"{kept:,} unchanged since the run before")
    if manifest.failures:
        parts.append(f"{len(manifest.failures):,} failed (reasons in {out / 'run.json'})")
    if manifest.skipped:
        parts.append(f"{len(manifest.skipped):,} other files skipped")
    return f"{', '.join(parts)} → {out}"
