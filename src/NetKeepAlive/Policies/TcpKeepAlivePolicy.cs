using System;
using System.Collections.Generic;
using System.Linq;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop;
using NetKeepAlive.Policies;

namespace NetKeepAlive;

/// <summary>
/// A keep-alive policy of a control group: every TCP connection that is established in the group or below it, and that
/// its filters let through, is born with its settings (Linux). One that is not persistent ends when the object that made
/// it is disposed or collected. What is listed is a picture of the moment; the maker's object tells how it is now.
/// </summary>
public sealed class TcpKeepAlivePolicy : IDisposable
{
    private readonly KernelPolicy? _kernel;
    private PolicySnapshot _last;

    internal TcpKeepAlivePolicy(uint id, PolicyRules rules, PolicySnapshot now, KernelPolicy? kernel)
    {
        _kernel = kernel;
        _last = now;
        Rules = rules;
        PolicyId = id;
        ControlGroup = ControlGroupTree.Find() is { } tree ? (tree.Whole with { Path = rules.Path }).Folder : rules.Path;
        LocalPort = Text(rules.LocalPort);
        RemotePort = Text(rules.RemotePort);
        RemoteAddress = Text(rules.RemoteAddress);
        DropIn = rules is { IsPersistent: true, Unit.Length: > 0 }
            ? SystemdUnit.DropIn(rules.Unit, PolicyPins.ProgramPath(rules.Name))
            : null;
    }

    /// <summary>The policy's name, one of its kind on the system.</summary>
    public string PolicyName => Rules.Name;

    /// <summary>The folder of the control group; the root of cgroup2 is the whole system.</summary>
    public string ControlGroup { get; }

    /// <summary>Is it in force?</summary>
    public TcpKeepAlivePolicyState State => Now.State;

    /// <summary>What it sets. A null field is left as the program or the system has it.</summary>
    public TcpKeepAlive KeepAlive => Now.KeepAlive;

    /// <summary>Accepted connections, those made by connecting, or both.</summary>
    public ConnectionDirection Direction => Rules.Direction;

    /// <summary>This side's ports and ranges; empty for all.</summary>
    public IReadOnlyList<string> LocalPort { get; }

    /// <summary>The peers' ports and ranges; empty for all.</summary>
    public IReadOnlyList<string> RemotePort { get; }

    /// <summary>The peers' addresses and networks; empty for all.</summary>
    public IReadOnlyList<string> RemoteAddress { get; }

    /// <summary>Does it also set what a program had turned on itself before?</summary>
    public bool Override => Rules.Override;

    /// <summary>Does it last until it is removed or the system restarts?</summary>
    public bool IsPersistent => Rules.IsPersistent;

    /// <summary>How many connections it has set.</summary>
    public long ConnectionCount => Now.ConnectionCount;

    /// <summary>How many connections did not get all of it, as the kernel refused something.</summary>
    public long FailureCount => Now.FailureCount;

    /// <summary>The number of its BPF link in the kernel.</summary>
    public long PolicyId { get; }

    /// <summary>The drop-in by which systemd attaches the policy again when it starts the unit anew, to be installed under
    /// the name in its first line; null unless the policy is persistent and was made for a unit.</summary>
    public string? DropIn { get; }

    internal PolicyRules Rules { get; }

    /// <summary>The maker's descriptors; null of a listed one.</summary>
    internal KernelPolicy? Kernel => _kernel is { IsOpen: true } ? _kernel : null;

    private PolicySnapshot Now => Kernel is { } kernel
        ? _last = kernel.Read(Rules) ?? _last with { State = TcpKeepAlivePolicyState.Removed }
        : _last;

    /// <summary>Ends a policy that is not persistent, where this is the maker's object.</summary>
    public void Dispose()
    {
        if (Kernel is { } kernel)
        {
            kernel.Dispose();
            _last = IsPersistent ? _last : _last with { State = TcpKeepAlivePolicyState.Removed };
        }
    }

    /// <summary>What it is and where.</summary>
    public override string ToString() => $"policy {PolicyName} on {VisibleText.Escape(ControlGroup)}";

    /// <summary>Takes over how it stands, after a change.</summary>
    internal void Refresh(PolicySnapshot now) => _last = now;

    private static IReadOnlyList<string> Text<T>(IReadOnlyList<T> many)
        where T : notnull => new TextList<string>(many.Select(static it => it.ToString()!).ToArray());
}
