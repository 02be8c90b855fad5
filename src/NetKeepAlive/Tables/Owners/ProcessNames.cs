using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Tables;

/// <summary>The names of processes, each read once.</summary>
internal sealed class ProcessNames
{
    private readonly Dictionary<int, string?> _names = [];

    /// <summary>A process's name as <c>/proc/PID/comm</c> has it, at most 15 characters, or as .NET has it where there is
    /// no /proc; its control characters are escaped, for a process can call itself what it likes. Null where it is
    /// gone.</summary>
    internal string? Of(int process)
    {
        if (!_names.TryGetValue(process, out string? name))
        {
            name = Read(process);
            _names.Add(process, name);
        }

        return name;
    }

    private static string? Read(int process)
    {
        try
        {
            return VisibleText.Escape(Abi.Current.HasProcFiles ? ReadFile(process) : Ask(process));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException
            or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string ReadFile(int process)
    {
        string text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/comm"));
        return text.EndsWith('\n') ? text[..^1] : text;
    }

    private static string Ask(int process)
    {
        using Process it = Process.GetProcessById(process);
        return it.ProcessName;
    }
}
