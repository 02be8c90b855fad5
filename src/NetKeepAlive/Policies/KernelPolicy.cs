using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Bpf;

namespace NetKeepAlive.Policies;

/// <summary>A policy at one moment.</summary>
internal sealed record PolicySnapshot(
    TcpKeepAlivePolicyState State, TcpKeepAlive KeepAlive, long ConnectionCount, long FailureCount);

/// <summary>The descriptors of a policy in the kernel: of the link that holds its program at a control group, and of the
/// program's maps. Without a pin it ends with the last descriptor of its link.</summary>
internal sealed class KernelPolicy : IDisposable
{
    private readonly SafeFileHandle _link;
    private readonly SafeFileHandle _program;
    private readonly PolicyMaps _maps;

    private KernelPolicy(SafeFileHandle link, SafeFileHandle program, PolicyMaps maps)
    {
        (_link, _program, _maps) = (link, program, maps);
    }

    /// <summary>The link's number in the kernel.</summary>
    internal uint Id => BpfLink.Info(_link).Id;

    /// <summary>Is the link still held here?</summary>
    internal bool IsOpen => !_link.IsClosed;

    /// <summary>Attaches a policy that does nothing until it has settings, and that no list shows until then.</summary>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static KernelPolicy Attach(PolicyRules rules, ControlGroup group)
    {
        using DirectoryHandle folder = group.Open();
        PolicyMaps maps = PolicyMaps.Create(rules);
        SafeFileHandle? program = null;
        try
        {
            program = BpfProgram.LoadSockOps(PolicyProgram.Name, PolicyProgram.Write(maps, rules));
            return new KernelPolicy(BpfLink.Create(program, folder, group.Folder), program, maps);
        }
        catch (NativeSocketException)
        {
            program?.Dispose();
            maps.Dispose();
            throw;
        }
    }

    /// <summary>All policies of the system that have not been removed, in the order they were made.</summary>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: without CAP_SYS_ADMIN.</exception>
    internal static IEnumerable<KernelPolicy> All()
    {
        foreach (uint id in BpfObject.LinkIds().Order())
        {
            if (Open(id) is { } policy)
            {
                yield return policy;
            }
        }
    }

    /// <summary>Opens a policy; null where the link is gone or another's.</summary>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: without CAP_SYS_ADMIN.</exception>
    internal static KernelPolicy? Open(uint id)
    {
        SafeFileHandle? link = BpfObject.OpenLink(id);
        SafeFileHandle? program = link is null ? null : OpenProgram(BpfLink.Info(link));
        if (program is not null && PolicyMaps.Open(program) is { } maps)
        {
            KernelPolicy policy = new(link!, program, maps);
            if (maps.ReadSettings() is not null)
            {
                return policy;
            }

            policy.Dispose();
        }

        program?.Dispose();
        link?.Dispose();
        return null;
    }

    /// <inheritdoc cref="PolicyMaps.ReadRules"/>
    internal PolicyRules ReadRules() => _maps.ReadRules();

    /// <summary>How it stands now; null where it has been removed.</summary>
    internal PolicySnapshot? Read(PolicyRules rules)
    {
        PolicyCounters counters = PolicyCounters.Read(_maps.Counters);
        return _maps.ReadSettings() is not { } settings ? null : new PolicySnapshot(
            StateOf(rules), settings.KeepAlive, counters.Connections + settings.Existing,
            counters.Failures + settings.ExistingFailures);
    }

    /// <summary>Writes down what the policy is, and begins.</summary>
    internal void Begin(PolicyRules rules, TcpKeepAlive settings)
    {
        _maps.Write(rules);
        _maps.Write(new PolicySettings(settings));
    }

    /// <summary>Changes what is set from now on.</summary>
    /// <returns>False where the policy has been removed.</returns>
    internal bool Change(Func<PolicySettings, PolicySettings> change)
    {
        if (_maps.ReadSettings() is not { } settings)
        {
            return false;
        }

        _maps.Write(change(settings));
        return true;
    }

    /// <summary>Ends it: nothing is set any more, whoever else holds its link.</summary>
    internal void End()
    {
        _maps.DeleteSettings();
        BpfLink.Detach(_link);
    }

    /// <summary>Keeps the link beyond this process.</summary>
    internal void PinLink(string path) => BpfPin.Create(_link, path);

    /// <summary>Keeps the program for another to attach.</summary>
    internal void PinProgram(string path) => BpfPin.Create(_program, path);

    /// <inheritdoc/>
    public void Dispose()
    {
        _link.Dispose();
        _program.Dispose();
        _maps.Dispose();
    }

    private static SafeFileHandle? OpenProgram(BpfLinkInfo link)
    {
        if (link.Type != BpfAbi.LinkTypeCgroup || link.AttachType != BpfAbi.CgroupSockOps
            || BpfObject.OpenProgram(link.ProgId) is not { } program)
        {
            return null;
        }

        if (BpfCall.ToText(BpfProgram.Info(program).Name) == PolicyProgram.Name)
        {
            return program;
        }

        program.Dispose();
        return null;
    }

    // The kernel lets go of a removed group a little later than its folder; who sees the same tree as the maker sees
    // that the folder is gone, or another.
    private TcpKeepAlivePolicyState StateOf(PolicyRules rules)
    {
        BpfLinkInfo link = BpfLink.Info(_link);
        ControlGroup? group = ControlGroupTree.Find() is { } tree && tree.Whole.Id == rules.Root
            ? tree.Whole with { Path = rules.Path }
            : null;
        bool isThere = link.CgroupId != 0 && (group is null || group.Id == link.CgroupId);
        return isThere || (group?.Id is not null && IsAttachedTo(group, link.ProgId))
            ? TcpKeepAlivePolicyState.Active
            : TcpKeepAlivePolicyState.GroupRemoved;
    }

    // By systemd, when it made the group anew.
    private static bool IsAttachedTo(ControlGroup group, uint program)
    {
        using DirectoryHandle? folder = Libc.OpenDir(group.Folder);
        return folder is not null && BpfLink.AttachedTo(folder, group.Folder).Contains(program);
    }
}
