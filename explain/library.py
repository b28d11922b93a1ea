"""LightGBM, without pandas and scikit-learn."""

from core.without import without

with without("pandas", "sklearn"):
    import lightgbm

__all__ = ["lightgbm"]
