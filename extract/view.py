"""The command `extract view`, and the page that `extract run --html` writes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import click

PAGE: Final = "review.html"
_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("out", metavar="OUT", type=_PATH)
@click.option("-o", "--output", "page", metavar="FILE", type=_PATH, help="Default: OUT/review.html. 网页文件")
@click.option("--one-file", is_flag=True, help="All documents in the page itself, however many. 全部放入一个文件")
@click.option("--texts", metavar="DIR", multiple=True, type=_PATH, help="Where the reports are now. 原文所在文件夹")
@click.option("--quiet", is_flag=True, help="No progress bar and no closing line. 不显示进度")
def view(out: Path, page: Path | None, one_file: bool, texts: tuple[Path, ...], quiet: bool) -> None:
    """Make a page that shows what was read, beside the text. 生成审阅网页。

    OUT is a folder that `extract run -o` wrote, or one document of it. The page opens in any browser, from the
    disk, and loads nothing from the network. Many documents are put into a folder beside it, named like the
    page; keep the two together.

    \b
    Example (例):
      extract view out/ -o review.html
    """
    folder = out if out.is_dir() else out.parent
    write_page(out, page or folder / PAGE, one_file=one_file, texts=texts, quiet=quiet)


def write_page(
    out: Path, page: Path, *, one_file: bool = False, texts: Sequence[Path] = (), quiet: bool = False
) -> None:
    """Write the page of a run, and say on the terminal what became of it. Raises `click.UsageError`."""
    from extract.review import ReviewError, write_review

    if page.is_dir():
        page /= PAGE
    progress = iter if quiet or not sys.stderr.isatty() else _bar
    try:
        review = write_review(out, page, one_file=one_file, texts=texts, progress=progress)
    except ReviewError as error:
        raise click.UsageError(str(error), click.get_current_context()) from None
    except OSError as error:
        message = f"{page}: {error.strerror}; choose another place with -o (无法写入)"
        raise click.UsageError(message, click.get_current_context()) from None
    for reason in review.unreadable:
        click.echo(f"left out: {reason}", err=True)
    if review.without_text:
        shown = ", ".join(review.without_text[:3]) + (" …" if len(review.without_text) > 3 else "")
        click.echo(
            f"without text: {shown} ({len(review.without_text):,}); the reports were moved or edited since the run,"
            " give their folder with --texts (找不到原文，可用 --texts 指定)",
            err=True,
        )
    if not quiet:
        count = f"{review.documents:,} document{'' if review.documents == 1 else 's'}"
        beside = f", data in {review.folder.as_posix()}/" if review.folder else ""
        click.echo(f"{count} → {review.page.as_posix()}{beside}", err=True)


def _bar(documents: Sequence[Path]) -> Iterable[Path]:
    from tqdm import tqdm

    bar: Iterable[Path] = tqdm(documents, unit="doc", leave=False, dynamic_ncols=True)
    return bar
