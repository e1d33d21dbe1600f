"""The edge to IPython and Jupyter; nothing raised here reaches a cell."""
