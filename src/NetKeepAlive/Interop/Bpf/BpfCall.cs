using System;
using System.Text;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Interop.Linux;

namespace NetKeepAlive.Interop.Bpf;

/// <summary>bpf(2), by number: C libraries have no wrapper. What is left out of <c>union bpf_attr</c> at its end is
/// zero to the kernel. Every descriptor that it makes is close-on-exec.</summary>
internal static class BpfCall
{
    /// <summary>Makes the call.</summary>
    /// <returns>-1 when the kernel refused; errno is kept.</returns>
    internal static unsafe int Invoke<T>(BpfCommand command, ref T attributes)
        where T : unmanaged
    {
        fixed (T* pointer = &attributes)
        {
            return (int)SystemCall.Invoke(SystemCall.Bpf, (nint)command, (nint)pointer, sizeof(T));
        }
    }

    /// <summary>Makes a call whose answer is a descriptor.</summary>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static SafeFileHandle Open<T>(BpfCommand command, ref T attributes, string target)
        where T : unmanaged
    {
        int descriptor = Invoke(command, ref attributes);
        return descriptor < 0
            ? throw Failed(command, target)
            : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>The error of the call that has just failed: <c>bpf BPF_LINK_CREATE /sys/fs/cgroup/a</c>.</summary>
    internal static NativeSocketException Failed(BpfCommand command, string target) =>
        NativeSocketException.FromLastError("bpf", $"{NameOf(command)} {target}");

    /// <summary>Text as the kernel keeps it.</summary>
    internal static BpfObjectName ToName(string text)
    {
        BpfObjectName name = default;
        Encoding.ASCII.GetBytes(text, ((Span<byte>)name)[..^1]);
        return name;
    }

    /// <summary>A name that the kernel keeps, as text.</summary>
    internal static string ToText(in BpfObjectName name)
    {
        ReadOnlySpan<byte> bytes = name;
        int end = bytes.IndexOf((byte)0);
        return Encoding.ASCII.GetString(end < 0 ? bytes : bytes[..end]);
    }

    // MapCreate is BPF_MAP_CREATE.
    private static string NameOf(BpfCommand command)
    {
        StringBuilder name = new("BPF");
        foreach (char letter in command.ToString())
        {
            name.Append(char.IsUpper(letter) ? "_" : null).Append(char.ToUpperInvariant(letter));
        }

        return name.ToString();
    }
}
