"""Choose the settings of the weighted closed form, and measure it."""
