"""effect_modifiers."""
