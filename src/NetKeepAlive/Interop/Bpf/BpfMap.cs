using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NetKeepAlive.Interop.Bpf;

/// <summary>A map: what a program and its makers read and write, found by key.</summary>
internal static class BpfMap
{
    /// <summary>Makes a map.</summary>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: without CAP_BPF; <c>EINVAL</c>: not what the kernel
    /// knows.</exception>
    internal static SafeFileHandle Create(
        string name, BpfMapType type, int keySize, int valueSize, int maxEntries, uint flags = 0)
    {
        MapCreateAttributes attributes = new()
        {
            MapType = type,
            KeySize = (uint)keySize,
            ValueSize = (uint)valueSize,
            MaxEntries = (uint)maxEntries,
            MapFlags = flags,
            MapName = BpfCall.ToName(name),
        };
        return BpfCall.Open(BpfCommand.MapCreate, ref attributes, name);
    }

    /// <summary>Writes the value of a key, whether it is there or not.</summary>
    /// <exception cref="NativeSocketException"><c>E2BIG</c>: the map is full.</exception>
    internal static unsafe void Write(SafeFileHandle map, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        fixed (byte* keyBytes = key, valueBytes = value)
        {
            if (!Invoke(BpfCommand.MapUpdateElem, map, keyBytes, valueBytes))
            {
                throw BpfCall.Failed(BpfCommand.MapUpdateElem, "a map");
            }
        }
    }

    /// <summary>Reads the value of a key.</summary>
    /// <returns>False where the map has no such key.</returns>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static unsafe bool TryRead(SafeFileHandle map, ReadOnlySpan<byte> key, Span<byte> value)
    {
        fixed (byte* keyBytes = key, valueBytes = value)
        {
            return Invoke(BpfCommand.MapLookupElem, map, keyBytes, valueBytes)
                || (LastError.Is(Errno.ENOENT) ? false : throw BpfCall.Failed(BpfCommand.MapLookupElem, "a map"));
        }
    }

    /// <summary>Removes a key; one that is not there is no error.</summary>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static unsafe void Delete(SafeFileHandle map, ReadOnlySpan<byte> key)
    {
        fixed (byte* keyBytes = key)
        {
            if (!Invoke(BpfCommand.MapDeleteElem, map, keyBytes, null) && !LastError.Is(Errno.ENOENT))
            {
                throw BpfCall.Failed(BpfCommand.MapDeleteElem, "a map");
            }
        }
    }

    /// <summary>All keys of a map that nobody changes meanwhile.</summary>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static List<byte[]> Keys(SafeFileHandle map, int keySize)
    {
        List<byte[]> keys = [];
        byte[] next = new byte[keySize];
        while (TryNextKey(map, keys.Count == 0 ? default : keys[^1], next))
        {
            keys.Add([.. next]);
        }

        return keys;
    }

    /// <summary>What the kernel tells of a map.</summary>
    internal static BpfMapInfo Info(SafeFileHandle map) => BpfObject.Info<BpfMapInfo>(map);

    private static unsafe bool TryNextKey(SafeFileHandle map, ReadOnlySpan<byte> key, Span<byte> next)
    {
        // No key asks for the first.
        fixed (byte* keyBytes = key, nextBytes = next)
        {
            return Invoke(BpfCommand.MapGetNextKey, map, keyBytes, nextBytes)
                || (LastError.Is(Errno.ENOENT) ? false : throw BpfCall.Failed(BpfCommand.MapGetNextKey, "a map"));
        }
    }

    private static unsafe bool Invoke(BpfCommand command, SafeHandle map, byte* key, byte* value)
    {
        using HeldDescriptor descriptor = new(map);
        MapElementAttributes attributes = new()
        {
            MapFd = descriptor.Number,
            Key = (ulong)key,
            Value = (ulong)value,
        };
        return BpfCall.Invoke(command, ref attributes) == 0;
    }
}
