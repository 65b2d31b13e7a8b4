#!/usr/bin/env python3
"""Computes the golden files of this folder without any of our code: run it here, compare with git.

It works out the money of the two sales with fractions, writes their bytes with struct, and hashes with hashlib.
"""
import hashlib, struct, uuid
from fractions import Fraction
from math import floor

def half_away(x):
    x = Fraction(x)
    return floor(x + Fraction(1, 2)) if x >= 0 else -floor(-x + Fraction(1, 2))

def u(n): return bytes([n]) * 16
def text(s): b = s.encode(); return struct.pack(">I", len(b)) + b
def i64(*v): return b"".join(struct.pack(">q", x) for x in v)
def opt(b): return b"\0" if b is None else b"\1" + b
def many(items): return struct.pack(">I", len(items)) + b"".join(items)

def header(id, number, kind, origin, incarnation, customer, vat):
    return (u(id) + text(number) + bytes([kind]) + opt(origin) + u(0x22) + u(incarnation) + u(0x44) + u(0x55)
            + text("Mia") + opt(customer) + opt(vat) + i64(1795355775123456) + struct.pack(">ii", 3600, 20779) + bytes([14]))

def line(no, product, sku, name, category, code, unit, qty, lp, up, fixed, gross, disc, share, tax, rate, food, note, origin):
    return (struct.pack(">I", no) + u(product) + text(sku) + text(name) + opt(category) + opt(code and text(code))
            + text(unit) + i64(qty, lp, up) + bytes([fixed]) + i64(gross, disc, share, gross - disc - share)
            + text(tax) + i64(rate) + bytes([food]) + text(note) + opt(origin))

def vat(rate, gross):
    base = half_away(Fraction(gross * 10000, 10000 + rate))
    return i64(rate, base, gross - base, gross)

def sale():
    gross = [998, half_away(Fraction(1299 * 684, 1000)), 2495]
    disc = [half_away(Fraction(998, 10)), 0, 0]
    after = [g - d for g, d in zip(gross, disc)]
    exact = [Fraction(100 * a, sum(after)) for a in after]
    share = [floor(e) for e in exact]
    for i in sorted(range(3), key=lambda i: share[i] - exact[i])[:100 - sum(share)]:
        share[i] += 1
    net = [a - s for a, s in zip(after, share)]
    total = sum(net)
    cash_due = 5 * half_away(Fraction(total - 2000, 5))
    lines = [
        line(1, 0x71, "1001", "Café moulu 250 g", u(0x81), "5400000000003", "piece", 2000, 499, 499, 0,
             gross[0], disc[0], share[0], "reduced", 600, 1, "", None),
        line(2, 0x72, "2001", "Gouda jong", None, None, "kg", 684, 1299, 1299, 0,
             gross[1], disc[1], share[1], "reduced", 600, 1, "", None),
        line(3, 0x73, "3001", "Tafellamp", None, None, "piece", 1000, 2995, 2495, 0,
             gross[2], disc[2], share[2], "standard", 2100, 0, "toonzaalmodel", None)]
    tenders = [text("card") + text("terminal") + i64(2000, 2000, 0) + text("AUTH 1234"),
               text("cash") + text("cash") + i64(5000, cash_due, 5000 - cash_due) + text("")]
    return net, (b"\1" + header(0x11, "R1-1-000042", 0, None, 0x33, u(0x66), text("BE0123456749"))
            + text("EUR") + b"\0" + many(lines) + i64(sum(after), 100, total)
            + many([vat(2100, net[2]), vat(600, net[0] + net[1])])
            + i64(total, cash_due + 2000 - total) + many(tenders) + i64(5000 - cash_due) + text("Grüße")
            + struct.pack(">Q", 42) + i64(1234567 + total, 890))

def vat_taken(rate, sold, back):
    """Of a refund: what was taxed less what the rest is taxed with, and before it what there was."""
    base = lambda gross: half_away(Fraction(gross * 10000, 10000 + rate))
    gone = base(sold + back) - base(sold)
    return i64(rate, gone, back - gone, back), vat(rate, sold)

def refund(net, sold=None):
    back = -half_away(Fraction(net * 1, 2))
    paid = 5 * half_away(Fraction(back, 5))
    lines = [line(1, 0x71, "1001", "Café moulu 250 g", u(0x81), None, "piece", -1000, 499, 499, 1,
                  back, 0, 0, "reduced", 600, 1, "", u(0x11) + struct.pack(">I", 1))]
    tenders = [text("cash") + text("cash") + i64(paid, paid, 0) + text("")]
    row, left = (vat(600, back), b"") if sold is None else vat_taken(600, sold, back)
    version, left = (b"\1", b"") if sold is None else (b"\2", many([left]))
    return (version + header(0x12, "R1-7KQ2-000001", 1, u(0x11) + text("R1-1-000042"), 0x34, None, None)
            + text("EUR") + b"\0" + many(lines) + i64(back, 0, back) + many([row])
            + i64(back, paid - back) + many(tenders) + i64(0) + text("")
            + struct.pack(">Q", 1) + i64(back, -back) + left)

def wrapped(data):
    text = data.hex()
    return "".join(text[i:i + 96] + "\n" for i in range(0, len(text), 96))

def entries(sale_body):
    previous, out = bytes(32), []
    for seq, kind, time, body in [(1, 1, 0, b""), (2, 16, 1795355775123456, sale_body), (3, 52, -1, b"\1\x00\xff")]:
        hashed = (b"AuraPOS-journal-1\0" + u(0x22) + u(0x33) + struct.pack(">QHq", seq, kind, time) + previous
                  + struct.pack(">I", len(body)) + body)
        digest = hashlib.sha256(hashed).digest()
        out.append(f"{seq} {kind} {time} {previous.hex()} {hashlib.sha256(body).hexdigest()} {digest.hex()}\n")
        previous = digest
    return "# seq kind time previous sha256(body) hash; bodies: empty, sale-v1.hex, 01 00 ff\n" + "".join(out)

net, sale_body = sale()
open("sale-v1.hex", "w").write(wrapped(sale_body))
open("refund-v1.hex", "w").write(wrapped(refund(net[0])))
open("refund-v2.hex", "w").write(wrapped(refund(net[0], net[0] + net[1])))
open("journal-1.txt", "w").write(entries(sale_body))
