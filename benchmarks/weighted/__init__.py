"""The weighted closed form: its settings searched for, measured and written down."""
