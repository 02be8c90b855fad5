using System;
using System.IO;

namespace NetKeepAlive.Tests;

/// <summary>A folder of short name for socket files, removed with what is left in it.</summary>
internal sealed class TempFolder : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("nka").FullName;

    internal string this[string name] => System.IO.Path.Combine(Path, name);

    internal UnixAddress Address(string name) => UnixAddress.FromPath(this[name]);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
