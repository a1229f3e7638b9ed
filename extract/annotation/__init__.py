"""The annotation loop: records out to Label Studio or brat, the corrected marks back as gold and training rows.

`marks` says what of a report is marked and how; `label_studio` and `brat` write and read the marks in the form of each
tool; `gold` turns them into what `extract evaluate` and `extract train` read. Offsets survive the way: both tools get
the text with plain line feeds, and what was taken out is put back on the way home.
"""
