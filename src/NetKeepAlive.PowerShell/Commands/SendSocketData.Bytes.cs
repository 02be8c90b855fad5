using System.Collections.Generic;
using NetKeepAlive.Waiting;

namespace NetKeepAlive.PowerShell.Commands;

/// <content>Single bytes by pipeline, which is what becomes of an array of bytes that is piped.</content>
public sealed partial class SendSocketData
{
    private const int GatheredSize = 1 << 16;

    private readonly List<byte> _gathered = [];
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
        _gathered.Add(one);
        if (_gathered.Count == GatheredSize)
        {
            SendGathered();
        }

        if (PassThru)
        {
            WriteObject(one);
        }
    }

    private void SendGathered()
    {
        if (_gathered.Count > 0)
        {
            byte[] bytes = [.. _gathered];
            _gathered.Clear();
            Attempt(bytes, () => _socket!.Send(bytes, _to, new WaitLoop(Timeout, Readiness)));
        }
    }
}
