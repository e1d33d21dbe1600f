"""A marimo notebook that meters itself: `marimo edit 07_marimo.py`, or `python 07_marimo.py`."""

import marimo

app = marimo.App()


@app.cell
def _():
    import ipyfootprint

    return (ipyfootprint,)


@app.cell
def _(ipyfootprint):
    with ipyfootprint.track("primes") as block:
        primes = [n for n in range(2, 20_000) if all(n % d for d in range(2, int(n**0.5) + 1))]
    return block, primes


@app.cell
def _(block, ipyfootprint, primes):
    # The line of the block is under its own cell. Naming `block` here makes marimo run this
    # cell after it; the session as last expression is a panel that follows the notebook.
    print(len(primes), "primes,", block.method)
    ipyfootprint.session()
    return


if __name__ == "__main__":
    app.run()
