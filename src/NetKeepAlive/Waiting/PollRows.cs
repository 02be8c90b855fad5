using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Waiting;

/// <summary>What poll(2) is asked of many descriptors. Each has one row, whoever and however many wait for it: of two
/// rows of one descriptor macOS tells only one.</summary>
internal sealed class PollRows
{
    /// <summary>The row of what has no descriptor to wait for.</summary>
    internal const int None = -1;

    private readonly Dictionary<SafeHandle, int> _rows = [];
    private SafeHandle?[] _handles = new SafeHandle?[4];
    private PollEntry[] _entries = new PollEntry[4];

    /// <summary>Forgets all.</summary>
    internal void Clear()
    {
        _rows.Clear();
        Array.Clear(_handles);
    }

    /// <summary>Adds what somebody waits for.</summary>
    /// <returns>The descriptor's row.</returns>
    internal int Add(SafeHandle handle, short events)
    {
        if (!_rows.TryGetValue(handle, out int row))
        {
            row = _rows.Count;
            if (row == _handles.Length)
            {
                Array.Resize(ref _handles, row * 2);
                Array.Resize(ref _entries, row * 2);
            }

            _rows.Add(handle, row);
            _handles[row] = handle;
            _entries[row] = default;
        }

        _entries[row].Events |= events;
        return row;
    }

    /// <summary>Waits.</summary>
    /// <returns>How many rows have something to tell; 0 when the time is over.</returns>
    /// <exception cref="NativeSocketException">The kernel refused, whatever was asked: <c>ENOMEM</c>.</exception>
    internal int Poll(Deadline deadline) =>
        Libc.Poll(_handles.AsSpan(0, _rows.Count), _entries, deadline.RemainingMilliseconds);

    /// <summary>What a row told to who asked for these events. Errors and hang-ups are told to everybody.</summary>
    internal short Told(int row, short events)
    {
        if (row == None)
        {
            return 0;
        }

        events |= Abi.Current.PollErr;
        events |= Abi.Current.PollHup;
        events |= Abi.Current.PollNval;
        events &= _entries[row].Returned;
        return events;
    }
}
