"""Say why a stage grows by more than its arithmetic, and what was mended."""

EXPLAINED: dict[str, str] = {
    "similarity by rated": (
        "Ranks of a resample are looked up by the order of the whole sample, and a row of 4,000 "
        "numbers stays in fewer caches than one of 250; before the mend below it was 1.33."
    ),
    "similarity by V": (
        "The arithmetic has no term in V; words are looked up, and zero vectors are looked for, "
        "once for all words. It is thousandths of a second."
    ),
    "gradient, quartic by V": (
        "The sparse product reads a row of W for each pair, in no order. W takes 0.8 MB at 2,000 "
        "words and 13 MB at 32,000, which no cache of one processor holds, so a pair costs more."
    ),
    "topics and labels by d": (
        "A mode is a column of W, whose entries lie as far apart as a row is long: reading it "
        "takes longer in a larger array. Late modes have few words that lie most on them, so their "
        "labels look at others as well, which the arithmetic leaves out."
    ),
    "topics and labels by V": (
        "Sorting takes V log V, and the arithmetic wrote V: between 2,000 and 16,000 words V log V "
        "has a slope of 1.12."
    ),
    "counting by threads": (
        "The additions are the same. A row of a very frequent word is divided among threads, eight "
        "parts for each, and each part has a row of all words of its own to be added up. Threads "
        "beyond the two processors also take turns in the caches."
    ),
}
"""By the sweep's name."""

MENDED: tuple[str, ...] = (
    "**Labels of topics, by the number of modes.** A word was compared by its stem with each word "
    "that another label had: with 2,048 words, calls of functions grew with exponent 2.00, from "
    "6,005 at 8 modes to 360,997 at 64. Words of one stem begin with the same three letters, so "
    "now a word is compared with those of its own beginning: exponent 1.00, 5,845 calls at 64 "
    "modes. And all words were gone through for a mode on which few lie most; now only these are, "
    "and the others where they are needed. 200 modes of the carried counts take 0.1 processor "
    "seconds where they took 2.8, and the labels are the same.",
    "**The interval of Spearman's correlation, by the number of pairs.** 250 resamples were ranked "
    "at a time whatever their length, and at 4,000 pairs their arrays were in no cache: exponent "
    "1.33 [1.28, 1.37]. Now as many are ranked at a time as have 65,536 points, which takes about "
    "half the time at 4,000 pairs and gives the same bits.",
)
