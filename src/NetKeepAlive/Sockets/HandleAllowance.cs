using System;
using System.Threading;

namespace NetKeepAlive.Sockets;

/// <summary>How many descriptors may wait in messages whose handlers have not asked for them: whoever sends them faster
/// than they are taken must not fill the table of descriptors.</summary>
internal sealed class HandleAllowance(int maximum)
{
    private int _left = maximum;

    /// <summary>Lets a message keep what there is an allowance for, until somebody asks for its descriptors or nobody
    /// has the message any more; the rest is closed and told.</summary>
    internal void Admit(SocketMessage message)
    {
        if (message.Descriptors is not { Count: > 0 and int wanted } descriptors)
        {
            return;
        }

        int left = Interlocked.Add(ref _left, -wanted);
        int kept = Math.Clamp(wanted + left, 0, wanted);
        Return(wanted - kept);
        for (int i = kept; i < wanted; i++)
        {
            descriptors[i].Dispose();
            message.HandlesLost = true;
        }

        descriptors.RemoveRange(kept, wanted - kept);
        message.Claim = new HandleClaim(this, kept);
    }

    internal void Return(int count) => Interlocked.Add(ref _left, count);
}

/// <summary>A message's part of an allowance.</summary>
internal sealed class HandleClaim(HandleAllowance allowance, int count)
{
    private int _count = count;

    ~HandleClaim() => Release();

    /// <summary>Gives it back; harmless when repeated.</summary>
    internal void Release()
    {
        allowance.Return(Interlocked.Exchange(ref _count, 0));
        GC.SuppressFinalize(this);
    }
}
