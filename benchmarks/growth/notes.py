"""Say why a stage grows by more than its arithmetic, and what was mended."""

EXPLAINED: dict[str, str] = {
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
    "modes, and the same labels.",
    "**The interval of Spearman's correlation, by the number of pairs.** 250 resamples were ranked "
    "at a time whatever their length, and at 4,000 pairs their arrays were in no cache: exponent "
    "1.33 [1.28, 1.37]. Now as many are ranked at a time as have 65,536 points, which takes about "
    "half the time at 4,000 pairs and gives the same bits.",
)
