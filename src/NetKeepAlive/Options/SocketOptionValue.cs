using System;
using System.Net.Sockets;
using NetKeepAlive.Interop;

namespace NetKeepAlive;

/// <summary>The value of an option on one socket.</summary>
/// <param name="Name">The concept's name: <c>NoDelay</c>.</param>
/// <param name="Value">The value; null where the option is off.</param>
/// <param name="Level">The level that it belongs to; null for what the module keeps itself
/// (<c>IdleTimeout</c>).</param>
/// <param name="Number">The option's number on this platform; null for what the module keeps itself.</param>
public sealed record SocketOptionValue(string Name, object? Value, SocketOptionLevel? Level, int? Number)
{
    /// <summary>The option in words: <c>KeepAliveInterval = 10 s</c>.</summary>
    public override string ToString() =>
        $"{Name} = {VisibleText.Escape(Value is TimeSpan time ? Options.Duration.Format(time) : $"{Value ?? "null"}")}";
}
