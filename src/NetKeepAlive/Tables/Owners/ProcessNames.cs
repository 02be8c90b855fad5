using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using NetKeepAlive.Addresses;

namespace NetKeepAlive.Tables;

/// <summary>The names of processes, each read once.</summary>
internal sealed class ProcessNames
{
    private readonly Dictionary<int, string?> _names = [];

    /// <summary>A process's name as <c>/proc/PID/comm</c> has it, at most 15 characters and its control characters
    /// escaped, for a process can call itself what it likes; null where it is gone.</summary>
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
            string text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/comm"));
            return VisibleText.Escape(text.EndsWith('\n') ? text[..^1] : text);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
