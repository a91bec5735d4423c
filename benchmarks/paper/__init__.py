"""Write the page of the paper's figures from runs of ``repsearch reproduce``."""
