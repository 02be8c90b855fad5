using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Bpf;
using NetKeepAlive.Options;
using static NetKeepAlive.Interop.Bpf.Register;

namespace NetKeepAlive.Policies;

/// <summary>
/// The program of a policy. The kernel runs it at each step in the life of every TCP socket of a control group; what it
/// does in C would be:
/// <code>
/// int netkeepalive(struct bpf_sock_ops *context)
/// {
///     if (!(rules.callbacks >> context->op &amp; 1))          // established, connected or accepted?
///         return 1;
///     if (!(ports[context->local_port] &amp; LOCAL))          // with -LocalPort
///         return 1;
///     if (!(ports[ntohl(context->remote_port)] &amp; REMOTE)) // with -RemotePort
///         return 1;
///     covered = lookup(addresses, { 128, context->remote_ip6 });  // with -RemoteAddress
///     if (!covered || !*covered)
///         return 1;
///     settings = lookup(settings, 0);                         // none: the policy has been removed
///     if (!settings)
///         return 1;
///     failed = 0;
///     if ((failed = bpf_getsockopt(context, SOL_SOCKET, SO_KEEPALIVE, &amp;on)))  // without -Override
///         goto count;
///     if (on)
///         return 1;
///     if (settings->named &amp; IDLE_TIME)                     // and so on, each that is named
///         failed |= bpf_setsockopt(context, SOL_TCP, TCP_KEEPIDLE, &amp;settings->idle_time);
///     failed |= bpf_setsockopt(context, SOL_SOCKET, SO_KEEPALIVE, &amp;settings->on);
/// count:
///     counters[failed ? FAILURES : CONNECTIONS] += 1;
///     return 1;
/// }
/// </code>
/// It answers 1 always, which lets the kernel go on, and leaves the context's reply to other programs. Lines of filters
/// that a policy has not are not in its program.
/// </summary>
internal static class PolicyProgram
{
    /// <summary>The name by which the kernel lists every policy's program.</summary>
    internal const string Name = "netkeepalive";

    // The stack: the key of the trie (length and 16 bytes), below it one number.
    private const int TrieKey = -20;
    private const int Number = -24;

    /// <summary>The options of one setting, in the order they are set: the switch comes last, so that its first probe
    /// obeys the new times.</summary>
    private static readonly (PolicyKnob Knob, SocketOption Option, int Offset)[] Knobs =
    [
        (PolicyKnob.IdleTime, SocketOptions.KeepAliveIdleTime, PolicySettings.IdleTimeOffset),
        (PolicyKnob.Interval, SocketOptions.KeepAliveInterval, PolicySettings.IntervalOffset),
        (PolicyKnob.ProbeCount, SocketOptions.KeepAliveProbeCount, PolicySettings.ProbeCountOffset),
        (PolicyKnob.UserTimeout, SocketOptions.UserTimeout, PolicySettings.UserTimeoutOffset),
    ];

    /// <summary>Writes the program over its maps.</summary>
    internal static ulong[] Write(PolicyMaps maps, PolicyRules rules)
    {
        Assembler program = new();
        Label done = new();
        program.Move(R6, R1); // the context
        OnlyCallbacks(program, maps, done);
        OnlyPorts(program, maps, rules, done);
        OnlyAddresses(program, maps, done);
        FindSettings(program, maps, done);
        Label count = new();
        program.Move(R9, 0); // what failed
        if (!rules.Override)
        {
            OnlyWhereOff(program, count, done);
        }

        SetOptions(program);
        program.Place(count);
        Count(program, maps);
        program.Place(done);
        program.Move(R0, 1);
        program.Exit();
        return program.Finish();
    }

    private static void OnlyCallbacks(Assembler program, PolicyMaps maps, Label done)
    {
        program.LoadMapValue(R1, maps.Rules, PolicyRules.CallbacksOffset);
        program.Load32(R1, R1, 0);
        program.Load32(R2, R6, BpfAbi.SockOpsOp);
        program.ShiftRight(R1, R2);
        program.JumpUnlessBit(R1, 1, done);
    }

    private static void OnlyPorts(Assembler program, PolicyMaps maps, PolicyRules rules, Label done)
    {
        if (rules.LocalPort.Count > 0)
        {
            program.Load32(R1, R6, BpfAbi.SockOpsLocalPort);
            OnlyPort(program, maps, PortMap.Local, done);
        }

        if (rules.RemotePort.Count > 0)
        {
            // Unlike the local one it comes as the network has it, in 32 bits.
            program.Load32(R1, R6, BpfAbi.SockOpsRemotePort);
            program.FromNetwork32(R1);
            OnlyPort(program, maps, PortMap.Remote, done);
        }
    }

    // The port is in R1. That it has 16 bits is what the verifier wants to see.
    private static void OnlyPort(Assembler program, PolicyMaps maps, int bit, Label done)
    {
        program.And(R1, PortMap.Size - 1);
        program.LoadMapValue(R2, maps.Ports!, 0);
        program.Add(R2, R1);
        program.Load8(R2, R2, 0);
        program.JumpUnlessBit(R2, bit, done);
    }

    // remote_ip6 is right for IPv4 as well, mapped; remote_ip4 is not for IPv6.
    private static void OnlyAddresses(Assembler program, PolicyMaps maps, Label done)
    {
        if (maps.Addresses is null)
        {
            return;
        }

        program.Store32(R10, TrieKey, AddressTrie.AddressBits);
        for (int word = 0; word < AddressTrie.AddressBits / 32; word++)
        {
            program.Load32(R1, R6, BpfAbi.SockOpsRemoteIP6 + (4 * word));
            program.Store32(R10, TrieKey + 4 + (4 * word), R1);
        }

        program.LoadMap(R1, maps.Addresses);
        AddressOfStack(program, R2, TrieKey);
        program.Call(BpfAbi.FuncMapLookupElem);
        program.JumpIfZero(R0, done);
        program.Load32(R0, R0, 0);
        program.JumpIfZero(R0, done);
    }

    private static void FindSettings(Assembler program, PolicyMaps maps, Label done)
    {
        program.Store32(R10, Number, 0);
        program.LoadMap(R1, maps.Settings);
        AddressOfStack(program, R2, Number);
        program.Call(BpfAbi.FuncMapLookupElem);
        program.JumpIfZero(R0, done);
        program.Move(R8, R0);
    }

    // A kernel that cannot tell (before 6.1) counts as a failure, and the connection is left alone.
    private static void OnlyWhereOff(Assembler program, Label count, Label done)
    {
        AddressOfStack(program, R4, Number);
        CallSocketOption(program, BpfAbi.FuncGetSockOpt, SocketOptions.KeepAlive);
        program.Move(R9, R0);
        program.JumpIfNotZero(R9, count);
        program.Load32(R1, R10, Number);
        program.JumpIfNotZero(R1, done);
    }

    private static void SetOptions(Assembler program)
    {
        foreach ((PolicyKnob knob, SocketOption option, int offset) in Knobs)
        {
            Label next = new();
            program.Load32(R1, R8, PolicySettings.NamedOffset);
            program.JumpUnlessBit(R1, (int)knob, next);
            Set(program, option, offset);
            program.Place(next);
        }

        Set(program, SocketOptions.KeepAlive, PolicySettings.OnOffset);
    }

    private static void Set(Assembler program, SocketOption option, int offset)
    {
        program.Move(R4, R8);
        program.Add(R4, offset);
        CallSocketOption(program, BpfAbi.FuncSetSockOpt, option);
        program.Or(R9, R0);
    }

    // The value's address is in R4; every value has 4 bytes.
    private static void CallSocketOption(Assembler program, int function, SocketOption option)
    {
        program.Move(R1, R6);
        program.Move(R2, SocketOption.LevelNumber(option.Level, Platform.Linux));
        program.Move(R3, option.NumberOn(Platform.Linux)!.Value);
        program.Move(R5, sizeof(int));
        program.Call(function);
    }

    private static void Count(Assembler program, PolicyMaps maps)
    {
        Label add = new();
        program.LoadMapValue(R1, maps.Counters, PolicyCounters.ConnectionsOffset);
        program.JumpIfZero(R9, add);
        program.LoadMapValue(R1, maps.Counters, PolicyCounters.FailuresOffset);
        program.Place(add);
        program.Move(R2, 1);
        program.AtomicAdd64(R1, 0, R2);
    }

    private static void AddressOfStack(Assembler program, Register to, int offset)
    {
        program.Move(to, R10);
        program.Add(to, offset);
    }
}
