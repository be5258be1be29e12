# fmt: off
"""Checks an export of telepath's audit trail:  python3 -I verify_audit.py FOLDER KEY [CHECKPOINT.note ...]
KEY: the log's verifier key as you got it before, not from this folder (former ones too, commas between). CHECKPOINT.note:
signed heads that you kept; only these show that nothing older was rewritten. Ends with 0, or with 1 and says what is wrong.
Python 3.9 alone. Sources: RFC 6962 (trees, proofs), C2SP signed-note, tlog-checkpoint (heads), RFC 8032 (Ed25519)."""
import functools, hashlib, itertools, json, pathlib, sys  # noqa: E401, I001
from base64 import b64decode, b64encode
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, BASE_Y = -121665 * pow(121666, -1, P) % P, 4 * pow(5, -1, P) % P

def need(right, *words):
    if not right:
        raise ValueError(" ".join(map(str, words)))

def point(raw):  # RFC 8032 5.1.3: 32 bytes as (X, Y, Z, T) of 5.1.4
    sign, y = divmod(int.from_bytes(raw, "little"), 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = x if (x := pow(square, (P + 3) // 8, P)) * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    need(len(raw) == 32 and y < P and x * x % P == square and x != 0, "a key or signature is no point of the curve")
    return (x, y, 1, x * y % P) if x % 2 == sign else (P - x, y, 1, -x * y % P)

def add(a, b):  # RFC 8032 5.1.4
    p, q = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    r, s = 2 * D * a[3] * b[3] % P, 2 * a[2] * b[2] % P
    return (q - p) * (s - r) % P, (s + r) * (q + p) % P, (s - r) * (s + r) % P, (q - p) * (q + p) % P

def valid(public, signature, message):  # RFC 8032 5.1.7: S*B - k*A = R, with S below the order, and A not of a small one
    (x, y, _, t), r, s = point(public), point(signature[:32]), int.from_bytes(signature[32:], "little")
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    base, total, small = point(BASE_Y.to_bytes(32, "little")), (0, 1, 1, 0), (x, y, 1, t)
    for bit in range(252, -1, -1):
        total, small = add(total, total), add(small, small) if bit < 3 else small
        total = add(total, base) if s >> bit & 1 else total
        total = add(total, (P - x, y, 1, P - t)) if k >> bit & 1 else total
    return len(signature) == 64 and s < ORDER and small[0] and all((total[i] - r[i] * total[2]) % P == 0 for i in (0, 1))

def sha(parts):
    return functools.reduce(lambda digest, part: digest.update(part) or digest, parts, hashlib.sha256()).digest()

def lines(*path):
    need(pathlib.Path(*path).is_file() and not pathlib.Path(*path).is_symlink(), path[-1], "is not a file")
    with pathlib.Path(*path).open("rb") as file:
        yield from file

def opened(keys, *path):  # C2SP signed-note: the lines that one of ``keys`` {(name, id): key} signed
    text, _, tail = b"".join(lines(*path)).decode().rpartition("\n\n")
    *signed, end = tail.split("\n")
    ours = [(name, b64decode(blob)) for _, name, blob in map(str.split, signed) if (name, b64decode(blob)[:4]) in keys]
    ok = [f"— {n} {b64encode(v).decode()}" in signed and valid(keys[n, v[:4]], v[4:], f"{text}\n".encode()) for n, v in ours]
    need(ok and all(ok) and not end, path[-1], "is not signed with KEY")
    return tuple(text.split("\n"))

def canonical(line):  # JSON that can be read in one way only: what was hashed is what one reads
    value = json.loads(line)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    need(text.encode() + b"\n" == line, "not canonical JSON:", line[:80])
    return value

def climb(first, last, size, node, path):  # RFC 6962 2.1: from the root of leaves first..last to those of 0..last and 0..size
    if last - first == size:
        return node, node
    half, top = 1 << (size - 1).bit_length() - 1, path.pop()
    left = half if last > half else 0
    before, after = climb(first - left, last - left, size - half if left else half, node, path)
    return (sha((b"\1", top, before)), sha((b"\1", top, after))) if left else (before, sha((b"\1", after, top)))

def verify(folder, key, *kept):  # says what was checked; raises an exception for what is wrong
    keys = {(name, bytes.fromhex(at)): b64decode(blob)[1:] for name, at, blob in (one.split("+", 2) for one in key.split(","))}
    names = sorted(p.relative_to(folder).as_posix() for p in pathlib.Path(folder).rglob("*") if p.is_symlink() or p.is_file())
    title, asked, *listed = opened(keys, folder, "manifest.note")
    found = [f"{sha(lines(folder, name)).hex()}  {name}" for name in names if name != "manifest.note"]
    need(found == listed, "files are missing, added or altered")
    heads = {opened(keys, folder, name) for name in names if name.startswith("checkpoints")}
    trees = {origin: (int(size), root) for origin, size, root in sorted(heads, key=lambda head: int(head[1]))}
    logs = {name for name, _ in keys}, {origin.rpartition("/")[0] for origin in trees}, {title[:-9]}
    need(logs[1] | logs[2] <= logs[0] and title[-9:] == " export 1", "KEY has not the names of heads and export:", *logs)
    unproven, starts, old, seq, count = heads | {opened(keys, name) for name in kept}, {}, "", -1, 0
    proofs = map(canonical, itertools.chain(lines(folder, "proofs.ndjson"), lines(folder, "consistency.ndjson")))
    for line, proof in itertools.zip_longest(lines(folder, "records.ndjson"), proofs):
        origin, path, (size, root) = proof["origin"], [b64decode(node) for node in proof["path"]], trees[proof["origin"]]
        if line is None:
            first, last, node = proof["old"] & (proof["old"] - 1), proof["old"], path.pop(0)
        else:
            record, first, last, node = canonical(line), proof["index"], proof["index"] + 1, sha((b"\0", line[:-1]))
            if old not in ("", origin):  # the first record of a tree names the tree before, and how that ended
                named = [record["kind"], *(record["detail"][name] for name in ("before", "size", "root")), record["seq"]]
                end = [old.rpartition("/")[2], trees[old][0], b64decode(trees[old][1]).hex(), starts[old] + trees[old][0]]
                need(named == ["audit.tree-opened", *end] and first == 0, "the tree", origin, "does not continue", old)
            need(seq < record["seq"] == starts.setdefault(origin, record["seq"] - first) + first, "a wrong record after", seq)
            old, seq, count = origin, record["seq"], count + 1
        before, after = (b64encode(head).decode() for head in climb(first, last, size, node, path))
        need(after == root and 0 <= first < last <= size and not path, "a proof about", last, "of", origin, "is wrong")
        unproven -= {(origin, str(last), before), (origin, str(size), after)}
    need(starts.keys() == trees.keys() and not unproven, "heads not proven (ask for an export with --checkpoint):", *unproven)
    need(canonical(f"{asked}\n".encode())["complete"] is (count == sum(n for n, _ in trees.values())), "records are missing")
    return f"Intact: {count} records of {sorted(trees)}, {len(heads)} heads, {len(kept)} that you kept. {asked}\n"

if __name__ == "__main__":
    sys.tracebacklimit = 0
    sys.stdout.write(verify(*sys.argv[1:]))
