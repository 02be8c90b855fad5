"""Peers that mean harm, and three that count: for bench/powershell/soak-hostile.ps1.

Usage: hostile.py FOLDER TCP TLS COUNTED PORTFILE
FOLDER has the Unix sockets s (stream), q (seqpacket), d and c (datagram). Every second it writes what it did to
FOLDER/stats.json. Each kind of harm has a thread and pauses between two turns, so that the honest ones get through.
"""
import array, json, os, random, socket, struct, sys, threading, time

folder, tcp, tls, counted, portfile = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
stats, gate = {}, threading.Lock()


def count(name, by=1):
    with gate:
        stats[name] = stats.get(name, 0) + by


def connect(port):
    s = socket.create_connection(("127.0.0.1", port), timeout=20)
    s.settimeout(20)
    return s


def unix(name, kind=socket.SOCK_STREAM):
    s = socket.socket(socket.AF_UNIX, kind)
    s.settimeout(20)
    s.connect(os.path.join(folder, name))
    return s


def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def resets():
    s = connect(random.choice((tcp, tls, counted)))
    s.send(os.urandom(random.randrange(1, 3000)))
    time.sleep(random.choice((0, 0.001, 0.05)))
    reset(s)


def slow_loris():
    # Busy enough for no idle timeout, then silent: the server's has to end it.
    s = connect(tcp)
    for _ in range(random.randrange(3, 15)):
        s.send(b"a")
        time.sleep(0.5)
    try:
        while s.recv(1000):
            pass
    finally:
        s.close()


def half_open():
    s = connect(tcp)
    s.send(b"half\n" * 3)
    s.shutdown(socket.SHUT_WR)
    time.sleep(0.5)
    s.close()


def vanishes():
    # Closed with the answer unread.
    s = connect(tcp)
    s.send(b"unread\n" * 50)
    time.sleep(0.2)
    s.close()


def endless_line():
    s = connect(tcp)
    s.send(b"x" * 5000)
    while s.recv(1000):
        pass
    s.close()


def never_reads():
    s = connect(tcp)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.settimeout(8)
    try:
        for _ in range(3000):
            s.send(b"nobody reads the answer to this line, and it is sent all the same\n" * 20)
    finally:
        s.close()


def garbage_tls():
    s = connect(tls)
    turn = random.randrange(4)
    if turn == 0:
        s.send(os.urandom(2000))
    elif turn == 1:
        s.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(100))
    elif turn == 2:
        s.send(b"GET / HTTP/1.1\r\n\r\n")
    else:
        s.send(b"\x16\x03\x01\xff\xff")
        time.sleep(0.5)
    try:
        s.recv(1000)
    except ConnectionError:
        pass
    s.close()


def descriptor_flood():
    files = [os.open("/dev/null", os.O_RDONLY) for _ in range(100)]
    parts = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))]
    try:
        for name, kind in ("s", socket.SOCK_STREAM), ("q", socket.SOCK_SEQPACKET), ("d", socket.SOCK_DGRAM):
            s = unix(name, kind)
            for _ in range(10):
                s.sendmsg([b"flood"], parts)
            s.close()
            count("flooded descriptors", 1000)
    finally:
        for fd in files:
            os.close(fd)


def empty_seqpacket():
    s = unix("q", socket.SOCK_SEQPACKET)
    for message in b"", b"last", b"":
        s.send(message)
    s.close()


def one_byte_writer():
    # Honest, and very slow: its lines come back whole.
    s = connect(tcp)
    text = b"a byte at a time %d\n" % random.randrange(10**9)
    for i in range(len(text)):
        s.send(text[i:i + 1])
        time.sleep(0.01)
    got = b""
    while not got.endswith(b"\n"):
        more = s.recv(1000)
        if not more:
            break
        got += more
    count("one-byte lines answered" if got == text else "one-byte lines WRONG")
    s.close()


def counted_lines():
    # One connection for hundreds of numbered lines; each comes back once and in order.
    s = connect(counted)
    reader = s.makefile("rb")
    for turn in range(20):
        first = stats.get("counted lines", 0)
        s.sendall(b"".join(b"%d\n" % (first + i) for i in range(50)))
        for i in range(50):
            line = reader.readline()
            if line != b"%d\n" % (first + i):
                count("counted lines WRONG")
                raise ValueError("%r for %d" % (line, first + i))
            count("counted lines")
        time.sleep(0.1)
    s.shutdown(socket.SHUT_WR)
    if reader.read(1) != b"":
        count("counted lines WRONG")
    s.close()


def counted_datagrams():
    s = unix("c", socket.SOCK_DGRAM)
    for _ in range(100):
        s.send(b"%d" % stats.get("counted datagrams", 0))
        count("counted datagrams")
    s.close()


def hostile_server():
    # Whoever connects here gets a reset, silence, garbage, half a line, or an end.
    listener = socket.create_server(("127.0.0.1", 0))
    with open(portfile + ".new", "w") as f:
        f.write(str(listener.getsockname()[1]))
    os.rename(portfile + ".new", portfile)
    held = []
    while True:
        s, _ = listener.accept()
        count("connections to the hostile server")
        turn = random.randrange(5)
        if turn == 0:
            reset(s)
        elif turn == 1:
            s.close()
        elif turn == 2:
            s.send(os.urandom(500))
            reset(s) if random.randrange(2) else s.close()
        else:
            s.send(b"half a line")
            held.append(s)
            if len(held) > 20:
                held.pop(0).close()


def forever(act, pause):
    while True:
        try:
            act()
        except (OSError, ValueError) as failed:
            count("%s: %s" % (act.__name__, type(failed).__name__))
        count(act.__name__)
        time.sleep(pause)


threads = [(hostile_server, 0), (counted_lines, 0), (counted_datagrams, 0.3), (resets, 0.05), (half_open, 0.3),
           (vanishes, 0.3), (endless_line, 0.5), (garbage_tls, 0.3), (descriptor_flood, 1), (empty_seqpacket, 0.5),
           (one_byte_writer, 0.2), (never_reads, 5)] + [(slow_loris, 1)] * 4
for act, pause in threads:
    threading.Thread(target=forever, args=(act, pause), daemon=True).start()
while os.getppid() > 1 and os.path.isdir(folder):
    time.sleep(1)
    with gate:
        text = json.dumps(stats)
    try:
        with open(os.path.join(folder, "stats.new"), "w") as f:
            f.write(text)
        os.rename(os.path.join(folder, "stats.new"), os.path.join(folder, "stats.json"))
    except OSError:
        pass
