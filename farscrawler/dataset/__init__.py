"""Datasets: a folder of Parquet files, partitioned by publisher and Jalali year, that grows with an archive."""

from farscrawler.dataset.growth import Grown, grow

__all__ = ["Grown", "grow"]
