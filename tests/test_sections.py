"""The section classifier: what it sees, what it answers, its file, its training, and how well it does."""

from __future__ import annotations

import csv
import zipfile
from collections import Counter
from pathlib import Path

import msgspec
import numpy
import pytest
import skops.io

from extract import train
from extract.classify import classify, sights
from extract.held_out import FIGURES, judge_held_out, marked_reports, rows_csv
from extract.outline import read_outline
from extract.patterns import load_pack
from extract.pipeline import Extractor
from extract.section_features import Sight, features, normalised
from extract.section_model import FILE, About, ModelError, SectionModel, default_models, load_model
from extract.section_scores import Judged, section_scores
from extract.source import make_source

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "corpus" / "sections"
SHARED = ROOT.parent / "shared"
PACK = load_pack()


@pytest.fixture(scope="module")
def model() -> SectionModel:
    """The built-in model."""
    return load_model()


def typed(text: str) -> list[tuple[str, str, float]]:
    """Title, type and confidence of the sections of a text."""
    return [(one.title, one.type, one.confidence) for one in Extractor(pack=PACK).read_text(text).sections]


# ---- what it sees


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("2023年度部门决算情况说明", "部门决算情况说明"),
        ("“三公”经费 支出情况：", "三公经费支出情况"),
        ("第12批项目", "第0批项目"),
    ],
)
def test_titles_are_compared_without_years_and_marks(title: str, wanted: str) -> None:
    """Years, blanks, quotes and stops do not matter; other numbers are one 0."""
    assert normalised(title) == wanted


def test_features_are_the_same_each_time_and_come_once() -> None:
    """Features have a fixed order and no repeats, so that sums of weights never differ."""
    sight = Sight("资金使用情况", "项目概况", "project_overview", "", "", "2023年到位资金120万元，执行率98.5%。")
    found = features(sight)
    assert found == features(sight)
    assert len(found) == len(set(found))
    assert {"h=资金使用情况", "t=project_overview", "nmoney1", "nrate1", "c0"} <= set(found)


def test_the_opening_of_a_section_is_its_own_text_alone() -> None:
    """What stands below the next heading belongs to that heading."""
    text = "一、项目概况\n\n本项目于2023年立项。\n\n（一）资金情况\n\n安排资金30万元。\n"
    source = make_source(text)
    seen = sights(read_outline(source, PACK), source.clean)
    assert [(one.heading, one.parent, one.child, one.opening) for one in seen] == [
        ("项目概况", "", "资金情况", "本项目于2023年立项。"),
        ("资金情况", "项目概况", "", "安排资金30万元。"),
    ]


# ---- what it answers


@pytest.mark.parametrize(
    ("text", "title", "wanted"),
    [
        ("一、满意度\n\n（一）基本情况\n\n发放问卷200份，满意率为96.5%，总体评价较好。\n", "基本情况", "satisfaction"),
        ("一、“三公”经费\n\n（一）具体情况\n\n公务接待费支出1.2万元。\n", "具体情况", "three_public"),
        ("一、资金来龙去脉\n\n省级财政下达资金500万元，县级配套100万元。\n", "资金来龙去脉", "fund_allocation"),
        ("一、群众怎么看\n\n对300名群众进行问卷调查，满意度为95.2%。\n", "群众怎么看", "satisfaction"),
    ],
)  # fmt: skip
def test_text_and_parent_decide_where_the_heading_says_nothing(text: str, title: str, wanted: str) -> None:
    """A heading without a word of its type is named by what stands above and below it."""
    assert {name: type_ for name, type_, _ in typed(text)}[title] == wanted


def test_a_title_that_the_word_list_knows_is_not_asked_of_the_model(model: SectionModel) -> None:
    """The word list wins on whole titles, whatever the text below says, with its measured confidence."""
    text = "一、名词解释\n\n2023年政府采购支出总额120万元，其中货物支出80万元。\n"
    assert typed(text) == [("名词解释", "glossary", model.about.exact)]


def test_a_row_of_the_user_wins(tmp_path: Path) -> None:
    """A heading that a user adds to the word list is named as the user says."""
    text = "一、群众怎么看\n\n对300名受益群众进行问卷调查，综合满意度为95.2%。\n"
    (tmp_path / "lexicon").mkdir()
    (tmp_path / "lexicon" / "headings.csv").write_text("phrase,type,parent,use\n群众怎么看,problems,,\n", "utf-8")
    assert Extractor([tmp_path]).read_text(text).sections[0].type == "problems"


def test_an_unsure_answer_is_not_given() -> None:
    """Below the threshold the type is `other`, or what the section above hints at."""
    text = "一、评价原则\n\n（一）甲乙丙丁\n\n略。\n\n二、甲乙丙丁\n\n略。\n"
    source = make_source(text)
    outline = read_outline(source, PACK)
    sure = load_model()
    unsure = SectionModel(msgspec.structs.replace(sure.about, threshold=1.01, overrule=1.01), sure.weights)
    given = [one.type for one in classify(outline, source.clean, unsure).sections]
    assert given == [one.type for one in outline.sections]


def test_classifying_moves_no_border() -> None:
    """Only type and confidence change."""
    text = "一、来龙去脉\n\n下达资金5万元。\n\n（一）去向\n\n已用4万元。\n"
    source = make_source(text)
    outline = read_outline(source, PACK)
    named = classify(outline, source.clean, load_model())
    assert named.blocks == outline.blocks
    assert [(s.id, s.parent, s.start, s.end, s.title) for s in named.sections] == [
        (s.id, s.parent, s.start, s.end, s.title) for s in outline.sections
    ]
    assert all(0 < section.confidence <= 1 for section in named.sections)


def test_probabilities_add_up(model: SectionModel) -> None:
    """A row of probabilities is a distribution, also where nothing is known of the section."""
    rows = model.probabilities([Sight("满意度"), Sight(""), Sight("\u2603\u2603")])
    assert rows.shape == (3, len(model.about.types))
    assert numpy.allclose(rows.sum(axis=1), 1)
    assert model.answer([]) == []


# ---- its file


def test_the_file_is_a_skops_file_without_code() -> None:
    """skops reads the same values, and finds nothing in the file that it would have to trust."""
    path = default_models() / FILE
    assert skops.io.get_untrusted_types(file=path) == []
    loaded, ours = skops.io.load(path), load_model()
    assert msgspec.json.decode(loaded["about"], type=About) == ours.about
    assert numpy.array_equal(loaded["weights"], ours.weights)
    assert path.stat().st_size < 2_000_000


def _changed(folder: Path, **fields: object) -> Path:
    """A copy of the built-in model whose `about` says something else."""
    with zipfile.ZipFile(default_models() / FILE) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    schema = msgspec.json.decode(parts["schema.json"])
    about = msgspec.json.decode(msgspec.json.decode(schema["content"]["about"]["content"])) | fields
    schema["content"]["about"]["content"] = msgspec.json.encode(msgspec.json.encode(about).decode()).decode()
    parts["schema.json"] = msgspec.json.encode(schema)
    with zipfile.ZipFile(folder / FILE, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return folder


@pytest.mark.parametrize("fields", [{"format": 99}, {"features": 0}, {"types": ["other"]}, {"strange": 1}])
def test_a_model_of_another_version_says_how_to_retrain(tmp_path: Path, fields: dict[str, object]) -> None:
    """A file that does not fit this program is an error that names the command."""
    with pytest.raises(ModelError, match="extract train"):
        load_model(_changed(tmp_path, **fields))


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_a_broken_model_is_one_line(tmp_path: Path, data: bytes) -> None:
    """A damaged or foreign file is a `ModelError`, whatever is wrong with it."""
    (tmp_path / FILE).write_bytes(data)
    with pytest.raises(ModelError, match=FILE):
        load_model(tmp_path)


def test_a_missing_model_is_one_line(tmp_path: Path) -> None:
    """A folder without a model says so."""
    with pytest.raises(ModelError, match="extract train"):
        load_model(tmp_path)


# ---- its training


def test_there_are_rows_of_every_type_and_of_many_reports() -> None:
    """The training data cover the taxonomy."""
    rows = train.read_rows(DATA, PACK)
    assert len(rows) >= 1500
    assert len({row.document for row in rows}) >= 100
    counts = Counter(row.type for row in rows)
    assert set(counts) == {row["id"] for row in PACK.table("section_types")}
    assert min(counts.values()) >= 10


def test_no_row_stands_twice_in_one_report() -> None:
    """A repeated row would count twice and teach nothing."""
    for file in DATA.glob("*.csv"):
        if file.stem == "official_titles":  # public reports do repeat their headings
            continue
        with file.open(encoding="utf-8", newline="") as lines:
            seen = Counter(tuple(row) for row in csv.reader(lines))
        assert [row for row, count in seen.items() if count > 1] == [], file.name


def test_the_built_in_model_is_of_these_rows(model: SectionModel) -> None:
    """Whoever changes the training rows or the features runs `extract train` too."""
    assert model.about.data == train.digest(train.read_rows(DATA, PACK)), "run `extract train`"
    assert model.about.data in (default_models() / "README.md").read_text("utf-8")


def test_marked_reports_become_training_rows(tmp_path: Path) -> None:
    """`python -m extract.held_out --rows` writes what `extract train` reads; what a run sees is what training sees."""
    texts, gold = ROOT / "corpus" / "reports", sorted((ROOT / "corpus" / "gold").glob("*.json"))
    reports = list(marked_reports(texts, gold, PACK))
    (tmp_path / "rows.csv").write_text(rows_csv(reports), "utf-8")
    rows = train.read_rows(tmp_path, PACK)
    seen = [report.sights[at] for report in reports for at in sorted(report.wanted)]
    assert [(row.sight.heading, row.sight.parent, row.sight.opening) for row in rows] == [
        (sight.heading, sight.parent, sight.opening) for sight in seen
    ]
    same = sum(row.sight == sight for row, sight in zip(rows, seen, strict=True))
    assert same >= 0.9 * len(rows)  # damaged numbering may nest a heading otherwise than its parent's title tells


DUTIES, WORDS = "d{},主要职责,,第{}句,responsibilities", "d{},名词解释,,第{}句,glossary"
SMALL = "document,heading,parent,first_sentence,type\n" + "\n".join(
    (DUTIES if n % 2 else WORDS).format(n, n) for n in range(12)
)


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    """Training twice writes the same file."""
    (tmp_path / "rows.csv").write_text(SMALL, "utf-8")
    for name in ("one", "two"):
        train.save(train.train(tmp_path, PACK).model, tmp_path / name)
    assert (tmp_path / "one" / FILE).read_bytes() == (tmp_path / "two" / FILE).read_bytes()
    assert load_model(tmp_path / "one").answer([Sight("主要职责")])[0].type == "responsibilities"


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ("heading,type\n概况,other\n", "first line"),
        ("document,heading,parent,first_sentence,type\nd,概况,,,nothing\n", "line 2: unknown type"),
        ("document,heading,parent,first_sentence,type\n,概况,,,other\n", "document is missing"),
        ("document,heading,parent,first_sentence,type\nd,概况,,a,b,other\n", "5 columns"),
        ("document,heading,parent,first_sentence,type\nd,概况,,,other\n", "at least 5 documents"),
        (
            "document,heading,parent,first_sentence,type\n" + "".join(f"d{n},概况,,,other\n" for n in range(9)),
            "two types",
        ),
        (None, "no \\*.csv"),
    ],
)
def test_training_data_that_cannot_be_used_say_where(tmp_path: Path, lines: str | None, wanted: str) -> None:
    """File, line and what to do."""
    if lines is not None:
        (tmp_path / "rows.csv").write_text(lines, "utf-8")
    with pytest.raises(train.TrainingError, match=wanted):
        train.train(tmp_path, PACK)


def test_folds_keep_documents_whole() -> None:
    """No document stands on both sides, and every row is judged once."""
    rows = train.read_rows(DATA, PACK)
    judged: list[int] = []
    for learn, judge in train.folds(rows):
        assert not {rows[at].document for at in learn} & {rows[at].document for at in judge}
        judged += judge
    assert sorted(judged) == list(range(len(rows)))


# ---- how well it does


def test_scores_by_hand() -> None:
    """Three of four right; one type with F1 1, one with 2/3, one never found; one bin off by a quarter."""
    scores = section_scores(
        [
            Judged(("a",), "a", 0.95),
            Judged(("a", "b"), "b", 0.95),
            Judged(("a",), "a", 0.95),
            Judged(("c",), "b", 0.95),
        ]
    )
    assert scores.accuracy == 0.75
    assert [(one.type, one.gold, round(one.f1, 4)) for one in scores.types] == [
        ("a", 2, 1.0),
        ("b", 1, 0.6667),
        ("c", 1, 0.0),
    ]
    assert round(scores.macro_f1, 4) == round((1 + 2 / 3) / 3, 4)
    assert round(scores.calibration_error, 4) == 0.2
    assert scores.confusion == {("c", "b"): 1}


def test_scores_of_nothing_are_zero() -> None:
    """No sections, no division by zero."""
    assert section_scores([]).accuracy == 0


@pytest.mark.slow
def test_floors_on_marked_reports_by_document() -> None:
    """Every report judged by a model that has not seen it; stricter, that has not seen its headings either."""
    if not (SHARED / "gold").is_dir():
        pytest.skip("../shared is not there")
    gold = [path for path in sorted((SHARED / "gold").glob("0*.json")) if "." not in path.stem]
    reports = list(marked_reports(SHARED / "seeds", gold, PACK))
    judged = {name: section_scores(each) for name, each in judge_held_out(reports, train.train(DATA, PACK)).items()}
    alone, unseen, whole = (judged[name] for name in FIGURES)
    assert alone.accuracy >= 0.95
    assert alone.macro_f1 >= 0.95
    assert alone.calibration_error <= 0.05
    assert unseen.accuracy >= 0.87
    assert unseen.calibration_error <= 0.05
    assert whole.accuracy >= 0.97
