"""Energy, carbon, water and hardware impacts of every notebook cell, with bounds."""

__version__ = "0.1.0"
