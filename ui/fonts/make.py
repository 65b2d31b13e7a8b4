#!/usr/bin/env python3
"""Makes the application's fonts from Inter: `make.py FOLDER-WITH-INTER OUTPUT-FOLDER`.

Slint cannot switch OpenType features on, so that figures of equal width are made the default glyphs of the digits.
The fonts are cut down to the Latin of the supported languages and get a
name of their own, so that an Inter installed on the machine is never taken in their place.
Needs fonttools. Tested with Inter 4.0 (Debian package fonts-inter).
"""
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FAMILY = "AuraPOS Sans"
WEIGHTS = [("Regular", 400), ("Medium", 500), ("SemiBold", 600), ("Bold", 700)]
RANGES = [
    (0x20, 0x7E), (0xA0, 0x17F), (0x218, 0x21B), (0x1E9E, 0x1E9E), (0x2C6, 0x2C7), (0x2D8, 0x2DD),
    (0x2007, 0x200A), (0x2010, 0x2015), (0x2018, 0x201E), (0x2020, 0x2022), (0x2026, 0x2026), (0x202F, 0x202F),
    (0x2030, 0x2030), (0x2032, 0x2033), (0x2039, 0x203A), (0x2044, 0x2044), (0x2074, 0x2079), (0x20AC, 0x20AC),
    (0x20A4, 0x20BF), (0x2116, 0x2116), (0x2122, 0x2122), (0x2190, 0x2199), (0x21A9, 0x21AA), (0x21B5, 0x21B5),
    (0x21E7, 0x21E7), (0x2212, 0x2212), (0x2215, 0x2215), (0x2248, 0x2248), (0x2260, 0x2260), (0x2264, 0x2265),
    (0x2318, 0x2318), (0x2325, 0x2325), (0x232B, 0x232B), (0x23CE, 0x23CE), (0x25CF, 0x25CF), (0x25CB, 0x25CB),
    (0x2713, 0x2713), (0x2715, 0x2715),
]


def tabular(font):
    """Glyph names with their figure of equal width, read from the font's own `tnum` feature."""
    table = font["GSUB"].table
    swaps = {}
    for record in table.FeatureList.FeatureRecord:
        if record.FeatureTag != "tnum":
            continue
        for index in record.Feature.LookupListIndex:
            for sub in table.LookupList.Lookup[index].SubTable:
                sub = getattr(sub, "ExtSubTable", sub)
                swaps.update(getattr(sub, "mapping", {}))
    return swaps


def make(source, target, style, weight):
    font = TTFont(source)
    swaps = tabular(font)
    # Separators keep their narrow form: only figures stand in columns.
    for cmap in font["cmap"].tables:
        for code in map(ord, "0123456789"):
            if code in cmap.cmap:
                # Tables may share one mapping: a figure that was swapped already stays.
                cmap.cmap[code] = swaps.get(cmap.cmap[code], cmap.cmap[code])
    options = subset.Options()
    options.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14, 16, 17]
    options.name_languages = [0x409]
    options.hinting = False
    options.notdef_outline = True
    cut = subset.Subsetter(options)
    cut.populate(unicodes=[c for low, high in RANGES for c in range(low, high + 1)])
    cut.subset(font)
    names = font["name"]
    for record in list(names.names):
        if record.nameID in (1, 2, 3, 4, 6, 16, 17):
            names.removeNames(nameID=record.nameID)
    postscript = f"{FAMILY.replace(' ', '')}-{style}"
    legacy = FAMILY if style in ("Regular", "Bold") else f"{FAMILY} {style}"
    values = {
        1: legacy, 2: style if legacy == FAMILY else "Regular", 3: f"AuraPOS;{postscript}",
        4: f"{FAMILY} {style}", 6: postscript, 16: FAMILY, 17: style,
    }
    for name_id, text in values.items():
        names.setName(text, name_id, 3, 1, 0x409)
    if "CFF " in font:
        top = font["CFF "].cff
        top.fontNames[0] = postscript
        top.topDictIndex[0].FamilyName = FAMILY
        top.topDictIndex[0].FullName = values[4]
    font["OS/2"].usWeightClass = weight
    # The source rounds some figures a few units off.
    metrics, figures = font["hmtx"].metrics, [font.getBestCmap()[ord(digit)] for digit in "0123456789"]
    width = max(metrics[glyph][0] for glyph in figures)
    assert width - min(metrics[glyph][0] for glyph in figures) <= 8, "figures of different widths"
    for glyph in figures:
        metrics[glyph] = (width, metrics[glyph][1])
    font.save(target)


def main():
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    for style, weight in WEIGHTS:
        make(source / f"Inter-{style}.otf", target / f"AuraPOSSans-{style}.otf", style, weight)


if __name__ == "__main__":
    main()
