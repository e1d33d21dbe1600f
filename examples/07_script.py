"""A program that meters itself: `python 07_script.py`."""

import ipyfootprint

N = 20_000_000
with ipyfootprint.track("sieve", phase="data") as block:
    sieve = bytearray([1]) * (N + 1)
    for p in range(2, int(N**0.5) + 1):
        if sieve[p]:
            sieve[p * p :: p] = bytes(len(range(p * p, N + 1, p)))
    ipyfootprint.work(N, "numbers")
print(sum(sieve) - 2, "primes below", N)


@ipyfootprint.track("trial division")
def count_primes(n):
    """How many numbers below n are primes, the slow way."""
    ipyfootprint.work(n, "numbers")
    return sum(all(k % d for d in range(2, int(k**0.5) + 1)) for k in range(2, n))


print(count_primes(20_000), count_primes(80_000))

try:
    with ipyfootprint.track("breaks"):
        print(1 / 0)
except ZeroDivisionError as error:
    print("passed through:", error)

print(ipyfootprint.session())
