using System;
using System.Collections.Generic;
using System.Globalization;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Interop;
using NetKeepAlive.Sockets;

namespace NetKeepAlive.Holders;

/// <summary>Sockets that a service manager passed to this process: sd_listen_fds(3).</summary>
internal static class SocketActivation
{
    // SD_LISTEN_FDS_START of sd-daemon.h
    private const int FirstDescriptor = 3;

    // STDERR_FILENO of unistd.h
    private const int StandardError = 2;

    /// <summary>What was passed, each with its name, and forgets it in the environment: descriptors have one owner, and
    /// children were not meant.</summary>
    /// <exception cref="ArgumentException">Nothing was passed, it was meant for another process, or the variables do
    /// not say what.</exception>
    internal static IReadOnlyList<(string Name, object Object)> Take()
    {
        int count = Check(
            Environment.GetEnvironmentVariable("LISTEN_PID"),
            Environment.GetEnvironmentVariable("LISTEN_FDS"),
            Environment.ProcessId);
        List<SafeFileHandle> passed = Claim(count);
        string[] names = (Environment.GetEnvironmentVariable("LISTEN_FDNAMES") ?? string.Empty).Split(':');
        foreach (string variable in new[] { "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID" })
        {
            Environment.SetEnvironmentVariable(variable, null);
        }

        List<(string, object)> taken = [];
        for (int i = 0; i < count; i++)
        {
            string name = names.Length > i && names[i].Length > 0 ? names[i] : "unknown";
            taken.Add((name, ReceivedDescriptor.Identify(passed[i])));
        }

        return taken;
    }

    // A variable may say anything. What this process opened itself is close-on-exec, as .NET makes all of its own; what
    // was passed by execve(2) cannot be. So nothing is taken that was not passed, and all or nothing.
    private static List<SafeFileHandle> Claim(int count)
    {
        List<SafeFileHandle> passed = [];
        for (int i = 0; i < count; i++)
        {
            SafeFileHandle descriptor = new(FirstDescriptor + i, ownsHandle: true);
            passed.Add(descriptor);
            if (!RuntimeShim.IsInherited(descriptor))
            {
                passed.ForEach(static it => it.SetHandleAsInvalid());
                throw new ArgumentException(
                    $"LISTEN_FDS says that {count} descriptors were passed from {FirstDescriptor} on, but descriptor "
                    + $"{FirstDescriptor + i} was not: correct it where this process is started.");
            }
        }

        passed.ForEach(RuntimeShim.SetCloseOnExec);
        return passed;
    }

    /// <summary>How many descriptors there are for a process, by the variables.</summary>
    internal static int Check(string? listenPid, string? listenFds, int processId)
    {
        if (string.IsNullOrEmpty(listenFds))
        {
            throw new ArgumentException(
                "No socket was passed to this process (LISTEN_FDS is not set): start it by a systemd socket unit or "
                + "systemd-socket-activate.");
        }

        if (!int.TryParse(listenFds, NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count < 1)
        {
            throw new ArgumentException(
                $"LISTEN_FDS is '{VisibleText.Brief(listenFds)}', which is not a number of sockets (1 or more): correct it "
                + "where this process is started.");
        }

        if (listenPid != processId.ToString(CultureInfo.InvariantCulture))
        {
            throw new ArgumentException(
                $"The sockets were passed to process {VisibleText.Brief(listenPid ?? "(none)")} (LISTEN_PID), not to this "
                + $"one ({processId}): start pwsh directly, not by way of a shell that stays.");
        }

        return count;
    }

    /// <summary>
    /// Takes over a descriptor that came to this process by execve(2), and copies one that this process made itself,
    /// which has an owner: two would each close it, the second one a stranger's. .NET and this module make theirs
    /// close-on-exec, which those that came cannot be. Standard input, output and error stay the process's own.
    /// </summary>
    /// <exception cref="NativeSocketException"><c>EBADF</c>: it is not open.</exception>
    /// <exception cref="NotASocketException">It is open and no socket.</exception>
    internal static object Adopt(int descriptor)
    {
        using SafeFileHandle seen = new(descriptor, ownsHandle: false);
        bool isOwned = descriptor <= StandardError || RuntimeShim.IsCloseOnExec(seen);
        SafeSocketHandle handle = isOwned ? RuntimeShim.Duplicate(seen) : new(descriptor, ownsHandle: true);
        SharedSockets.Mark(handle);
        try
        {
            object socket = SocketKind.Of(handle).CreateAny(handle);
            RuntimeShim.SetCloseOnExec(handle);
            return socket;
        }
        catch (Exception refused) when (refused is SocketException or NotASocketException)
        {
            if (!isOwned)
            {
                // What is of no use here stays open, as it was.
                handle.SetHandleAsInvalid();
            }

            handle.Dispose();
            if (refused is not NativeSocketException native)
            {
                throw;
            }

            throw native.Is(Errno.ENOTSOCK)
                ? new NotASocketException($"Descriptor {descriptor}")
                : native.WithTarget($"descriptor {descriptor}");
        }
    }
}
