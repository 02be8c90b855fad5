using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using NetKeepAlive.Interop;
using static NetKeepAlive.Interop.Linux.Capabilities.Capability;

namespace NetKeepAlive.Policies;

/// <summary>The keep-alive policies of this system: makes, lists, changes and removes them. Nothing is remembered here:
/// the kernel is asked each time, so policies of any process are seen.</summary>
internal static class PolicyStore
{
    private const string Feature = "A keep-alive policy";

    /// <summary>Makes a policy.</summary>
    /// <param name="rules">Its name, empty for the next free <c>policy-N</c>, and its connections.</param>
    /// <param name="settings">What it sets.</param>
    /// <param name="group">The control group.</param>
    /// <param name="token">Ends the wait for other makers.</param>
    /// <returns>The object that holds it, until it is disposed, where it is not persistent.</returns>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: what is missing is in the message.</exception>
    /// <exception cref="System.IO.IOException"><c>EEXIST</c>: the name is taken.</exception>
    /// <exception cref="ArgumentException">The rules or the settings are out of range.</exception>
    internal static TcpKeepAlivePolicy Create(
        PolicyRules rules, TcpKeepAlive settings, ControlGroup group, CancellationToken token)
    {
        CurrentPlatform.RequireLinux(Feature);
        settings.Check();
        rules.Check();
        using IDisposable? taken = PolicyLock.Take(token);
        IReadOnlyCollection<string>? names = TryNames();
        if (names?.Contains(rules.Name) is true)
        {
            throw PolicyErrors.NameTaken(rules.Name);
        }

        return PolicyAdvice.Explain(() => Attach(rules, settings, group, names), group, CAP_BPF, CAP_NET_ADMIN);
    }

    /// <summary>Sets the live connections that a policy is for, after it was made, so that none is missed.</summary>
    /// <param name="policy">The maker's object.</param>
    /// <param name="group">Its control group.</param>
    /// <param name="token">Ends it.</param>
    internal static ExistingResult SetExisting(TcpKeepAlivePolicy policy, ControlGroup group, CancellationToken token)
    {
        ExistingResult result = new ExistingConnections(policy.Rules, policy.KeepAlive, group).Set(token);
        policy.Kernel?.Change(it => it with { Existing = result.Set, ExistingFailures = result.Failed });
        return result;
    }

    /// <summary>All policies of this system.</summary>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: what is missing is in the message.</exception>
    internal static IReadOnlyList<TcpKeepAlivePolicy> List()
    {
        CurrentPlatform.RequireLinux(Feature);
        return PolicyAdvice.Explain(
            static () => KernelPolicy.All().Select(Describe).OfType<TcpKeepAlivePolicy>().ToList(), null, CAP_SYS_ADMIN);
    }

    /// <summary>Changes what a policy sets from now on, with no moment without it.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="settings">What is named changes.</param>
    /// <param name="token">Ends the wait for other makers.</param>
    /// <exception cref="System.IO.IOException"><c>ENOENT</c>: it has been removed.</exception>
    internal static void Change(TcpKeepAlivePolicy policy, TcpKeepAlive settings, CancellationToken token)
    {
        settings.Check();
        using IDisposable? taken = PolicyLock.Take(token);
        WithKernel(policy, kernel =>
        {
            if (kernel.Change(before => before.With(settings)) && kernel.Read(policy.Rules) is { } now)
            {
                policy.Refresh(now);
                return true;
            }

            return false;
        });
    }

    /// <summary>Removes a policy: its effect ends at once, its pins are gone.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="token">Ends the wait for other makers.</param>
    /// <exception cref="System.IO.IOException"><c>ENOENT</c>: it has been removed before.</exception>
    internal static void Remove(TcpKeepAlivePolicy policy, CancellationToken token)
    {
        using IDisposable? taken = PolicyLock.Take(token);
        WithKernel(policy, kernel =>
        {
            if (kernel.Read(policy.Rules) is not { } last)
            {
                return false;
            }

            kernel.End();
            PolicyPins.Remove(policy.PolicyName);
            policy.Dispose();
            policy.Refresh(last with { State = TcpKeepAlivePolicyState.Removed });
            return true;
        });
    }

    private static TcpKeepAlivePolicy Attach(
        PolicyRules rules, TcpKeepAlive settings, ControlGroup group, IReadOnlyCollection<string>? names)
    {
        KernelPolicy kernel = KernelPolicy.Attach(rules, group);
        try
        {
            rules = rules with
            {
                Name = rules.Name.Length > 0 ? rules.Name : FreeName(names, kernel.Id),
                Path = group.Path,
                Root = group.Whole.Id ?? 0,
            };
            kernel.Begin(rules, settings);
            if (rules.IsPersistent)
            {
                PolicyPins.Create(kernel, rules);
            }

            return new TcpKeepAlivePolicy(kernel.Id, rules, kernel.Read(rules)!, kernel);
        }
        catch
        {
            kernel.Dispose();
            throw;
        }
    }

    // The number of the link is the system's alone: a name for who may not see which are taken.
    private static string FreeName(IReadOnlyCollection<string>? names, uint id)
    {
        int number = names is null ? (int)id : 1;
        while (names?.Contains(NameOf(number)) is true)
        {
            number++;
        }

        return NameOf(number);
    }

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"policy-{number}");

    // Null where this process may not list.
    private static HashSet<string>? TryNames()
    {
        try
        {
            HashSet<string> names = [];
            foreach (KernelPolicy policy in KernelPolicy.All())
            {
                using (policy)
                {
                    names.Add(policy.ReadRules().Name);
                }
            }

            return names;
        }
        catch (NativeSocketException error) when (error.Is(Errno.EPERM) || error.Is(Errno.ENOSYS) || error.Is(Errno.EINVAL))
        {
            return null;
        }
    }

    private static TcpKeepAlivePolicy? Describe(KernelPolicy kernel)
    {
        using (kernel)
        {
            PolicyRules rules = kernel.ReadRules();
            return kernel.Read(rules) is { } now ? new TcpKeepAlivePolicy(kernel.Id, rules, now, kernel: null) : null;
        }
    }

    // The maker works with its own descriptors, which takes fewer rights.
    private static void WithKernel(TcpKeepAlivePolicy policy, Func<KernelPolicy, bool> action)
    {
        bool done = policy.Kernel is { } own
            ? action(own)
            : PolicyAdvice.Explain(
                () =>
                {
                    using KernelPolicy? opened = KernelPolicy.Open((uint)policy.PolicyId);
                    return opened?.ReadRules().Name == policy.PolicyName && action(opened);
                },
                null,
                CAP_SYS_ADMIN);
        if (!done)
        {
            throw PolicyErrors.NoSuchPolicy(policy.PolicyName);
        }
    }
}
