using System.Collections.Generic;
using NetKeepAlive.Waiting;

namespace NetKeepAlive.PowerShell.Commands;

/// <content>Single bytes by pipeline, which is what becomes of an array of bytes that is piped.</content>
public sealed partial class SendSocketData
{
    private const int GatheredSize = 1 << 16;

    private readonly List<byte> _gathered = [];
    private long _gatheredBefore;
    private bool _isCut;
    private int _single;

    // On a stream bytes have no boundaries, so they go together.
    private bool Gathers
    {
        get
        {
            if (_socket is StreamSocket)
            {
                return Offset == 0 && Count < 0;
            }

            if (++_single == 2)
            {
                WriteWarning(
                    "Each byte that is piped is a message of its own. To send an array of bytes as one message, pipe it "
                    + "with a comma before it: , $bytes | Send-SocketData.");
            }

            return false;
        }
    }

    private void Gather(byte one)
    {
        // What follows a part that did not go would leave a hole.
        if (_isCut)
        {
            return;
        }

        _gathered.Add(one);
        if (_gathered.Count == GatheredSize)
        {
            SendGathered();
        }
    }

    private void EndGathering()
    {
        SendGathered();
        _gatheredBefore = 0;
        _isCut = false;
    }

    private void SendGathered()
    {
        if (_gathered.Count == 0)
        {
            return;
        }

        byte[] bytes = [.. _gathered];
        _gathered.Clear();
        WaitLoop waiting = new(Timeout, Readiness);
        _isCut = !Attempt(_socket, () => _socket!.Send(bytes, _to, waiting, before: _gatheredBefore));
        _gatheredBefore += bytes.Length;
        if (PassThru && !_isCut)
        {
            WriteObject(bytes, enumerateCollection: true);
        }
    }
}
