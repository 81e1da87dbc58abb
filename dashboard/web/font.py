"""Cut Inter down to what the pages use: Latin, weights 400 to 650, a narrow no-break space."""
import sys
from fontTools import subset
from fontTools.varLib import instancer

source, target = sys.argv[1:]
options = subset.Options()
options.flavor = "woff2"
options.layout_features = ["kern", "tnum", "ccmp", "locl", "mark"]
font = subset.load_font(source, options)
for table in font["cmap"].tables:
    if table.isUnicode() and 0x2009 in table.cmap:
        table.cmap[0x202F] = table.cmap[0x2009]
# Tabular figures are for digits only: a hyphen or space as wide as a digit
# tears words apart.
gsub = font["GSUB"].table
digits = {font.getBestCmap()[c] for c in range(0x30, 0x3A)}
for record in gsub.FeatureList.FeatureRecord:
    if record.FeatureTag == "tnum":
        for index in record.Feature.LookupListIndex:
            for table in gsub.LookupList.Lookup[index].SubTable:
                table = getattr(table, "ExtSubTable", table)
                table.mapping = {k: v for k, v in table.mapping.items() if k in digits}
cut = subset.Subsetter(options)
cut.populate(unicodes=subset.parse_unicodes(
    "20-7E,A0-FF,131,152-153,2009,202F,2013-2014,2018-201A,201C-201E,2022,2026,2030,20AC,2190-2193,2212,2248,2264-2265"))
cut.subset(font)
try:
    font = instancer.instantiateVariableFont(font, {"wght": (400, 650)})
except KeyError as missing:
    print("weights kept as they are:", missing)
subset.save_font(font, target, options)
