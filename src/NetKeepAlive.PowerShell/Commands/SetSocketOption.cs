using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Net.Sockets;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Holders;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Set-SocketOption: sets an option by name, the usual ones by parameters, or any by its numbers.</summary>
// By name the socket comes by pipeline (Name, Value) or first (socket, Name, Value). The binder cannot tell the two apart:
// what it has put one place too early is told by its type.
[Cmdlet(VerbsCommon.Set, "SocketOption", DefaultParameterSetName = NameSet, SupportsShouldProcess = true)]
[OutputType(typeof(object))]
public sealed class SetSocketOption : NetKeepAliveCmdlet
{
    private const string NameSet = "Name";
    private const string UsualSet = "Usual";
    private const string RawSet = "Raw";

    private const string Usage =
        "Name the socket, the option and its value: Set-SocketOption $socket NoDelay $true, or "
        + "$socket | Set-SocketOption NoDelay $true.";

    private readonly List<(string Action, Action<object?, SocketReference> Apply)> _wanted = [];
    private readonly TwoHoursWarning _twoHours = new();
    private bool _failed;

    /// <summary>The option, by name or constant.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = NameSet)]
    [ArgumentCompleter(typeof(SocketOptionNameCompleter))]
    [AllowNull]
    public object? Name { get; set; }

    /// <summary>The value; null turns an option off that can be off.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = NameSet)]
    [Parameter(Mandatory = true, ParameterSetName = RawSet)]
    [ArgumentCompleter(typeof(SocketOptionArgumentCompleter))]
    [AllowNull]
    [AllowEmptyString]
    public object? Value { get; set; }

    /// <summary>What holds the socket.</summary>
    [Parameter(Position = 2, ValueFromPipeline = true, ParameterSetName = NameSet)]
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = UsualSet)]
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = RawSet)]
    [Alias("Socket", "Listener")]
    [ArgumentCompleter(typeof(SocketOptionArgumentCompleter))]
    [AllowNull]
    public object? InputObject { get; set; }

    /// <summary>Send small pieces at once (TCP_NODELAY).</summary>
    [Parameter(ParameterSetName = UsualSet)]
    public SwitchParameter NoDelay { get; set; }

    /// <summary>How long closing waits for what is not yet sent; 0 resets; null is off (SO_LINGER).</summary>
    [Parameter(ParameterSetName = UsualSet)]
    [Duration(0, 65535, AcceptsNull = true)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    [AllowNull]
    public TimeSpan? Linger { get; set; }

    /// <summary>The size of the receive buffer in bytes (SO_RCVBUF).</summary>
    [Parameter(ParameterSetName = UsualSet)]
    [ValidateRange(1, int.MaxValue)]
    public int ReceiveBufferSize { get; set; }

    /// <summary>The size of the send buffer in bytes (SO_SNDBUF).</summary>
    [Parameter(ParameterSetName = UsualSet)]
    [ValidateRange(1, int.MaxValue)]
    public int SendBufferSize { get; set; }

    /// <summary>After how much silence the event IdleTimeout is raised; 0 is never.</summary>
    [Parameter(ParameterSetName = UsualSet)]
    [Duration(0, DurationAttribute.LongestTimer)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan IdleTimeout { get; set; }

    /// <summary>The level of the option: Socket, Tcp, IP, IPv6, or its number.</summary>
    [Parameter(Mandatory = true, ParameterSetName = RawSet)]
    [SocketLevelTransform]
    public SocketOptionLevel Level { get; set; }

    /// <summary>The number of the option on this platform.</summary>
    [Parameter(Mandatory = true, ParameterSetName = RawSet)]
    public int Option { get; set; }

    /// <summary>Hands the input on.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (ParameterSetName == NameSet)
        {
            SortOut();
        }

        _failed = !Attempt(ParameterSetName == NameSet ? Name : Value, () =>
        {
            switch (ParameterSetName)
            {
                case NameSet:
                    AddNamed(Unwrap(Name) as string ?? throw new ArgumentException(Usage), Value);
                    break;
                case RawSet:
                    byte[] bytes = SocketOptionInput.ToRaw(Unwrap(Value));
                    _wanted.Add((
                        $"Set option {Option} of level {Level}",
                        (_, socket) => SetRaw(socket, bytes)));
                    break;
                default:
                    AddUsual();
                    break;
            }
        });
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (_failed)
        {
            return;
        }

        foreach (object? item in Many(InputObject))
        {
            bool isRefused = false;
            bool done = Attempt(item, () =>
            {
                object? holder = ConnectionRow.Resolve(item, Tables);
                using SocketReference reference = SocketHolder.Open(holder, Tables);
                foreach ((string action, Action<object?, SocketReference> apply) in _wanted)
                {
                    if (ShouldProcess(SocketDescription.Of(holder), action))
                    {
                        apply(holder, reference);
                    }
                    else
                    {
                        isRefused = true;
                    }
                }
            });
            if (done && !isRefused && PassThru)
            {
                WriteObject(item);
            }
        }
    }

    private void SortOut()
    {
        bool isNamed = MyInvocation.BoundParameters.ContainsKey(nameof(InputObject));
        if (Unwrap(Name) is not string && isNamed)
        {
            (InputObject, Name, Value) = (Name, Value, InputObject);
        }
        else if (!isNamed && !MyInvocation.ExpectingInput)
        {
            Name = null;
        }
    }

    private void AddUsual()
    {
        IDictionary<string, object> bound = MyInvocation.BoundParameters;
        if (bound.ContainsKey(nameof(NoDelay)))
        {
            Add(SocketOptions.NoDelay, NoDelay.IsPresent);
        }

        if (bound.ContainsKey(nameof(Linger)))
        {
            Add(SocketOptions.Linger, Linger);
        }

        if (bound.ContainsKey(nameof(ReceiveBufferSize)))
        {
            AddBuffer(SocketOptions.ReceiveBufferSize, ReceiveBufferSize);
        }

        if (bound.ContainsKey(nameof(SendBufferSize)))
        {
            AddBuffer(SocketOptions.SendBufferSize, SendBufferSize);
        }

        if (bound.ContainsKey(nameof(IdleTimeout)))
        {
            AddIdleTimeout(nameof(IdleTimeout), IdleTimeout);
        }

        if (_wanted.Count == 0)
        {
            throw new ArgumentException(
                "Name what to set: -Name and -Value, -NoDelay, -Linger, -ReceiveBufferSize, -SendBufferSize, "
                + "-IdleTimeout, or -Level, -Option and -Value.");
        }
    }

    private void AddNamed(string name, object? value)
    {
        if (name.Equals(SocketOptionInput.IdleTimeout, StringComparison.OrdinalIgnoreCase))
        {
            AddIdleTimeout(
                nameof(Value),
                ParameterInput.Read(nameof(Value), () => SocketOptionInput.ToDuration(name, value)));
            return;
        }

        SocketOption option = SocketOptions.Find(name) ?? throw SocketOptionInput.Unknown(name);
        if (option.Access is SocketOptionAccess.ReadOnly)
        {
            throw new ArgumentException($"-Name: {option.Name} can be read and not set.");
        }

        object? converted = ParameterInput.Read(nameof(Value), () => SocketOptionInput.ToValue(option, value));
        if (option is SocketOption<int> buffer
            && (option == SocketOptions.ReceiveBufferSize || option == SocketOptions.SendBufferSize))
        {
            // The kernel takes 0 for its least, and what is below for its most.
            AddBuffer(buffer, converted is int and > 0
                ? (int)converted
                : throw new ArgumentException(
                    $"-Value: {converted} is out of range for {option.Name}: the accepted range is 1 to {int.MaxValue}."));
            return;
        }

        _wanted.Add((
            $"Set {option.Name} to {option.Describe(converted)}",
            (_, socket) => SetNamed(socket, option, converted)));
    }

    private void SetNamed(SocketReference socket, SocketOption option, object? value)
    {
        ParameterInput.Use(nameof(Value), () => option.SetValue(socket.Handle, value));
        if (option == SocketOptions.KeepAlive)
        {
            WarnOfTwoHours(socket);
        }
    }

    private void SetRaw(SocketReference socket, byte[] value)
    {
        RawOption.Set(socket.Handle, Level, Option, value);
        if (Option == SocketOptions.KeepAlive.Number && LevelNumber(Level) == LevelNumber(SocketOptionLevel.Socket))
        {
            WarnOfTwoHours(socket);
        }
    }

    private static int LevelNumber(SocketOptionLevel level) => SocketOption.LevelNumber(level, CurrentPlatform.Value);

    private void WarnOfTwoHours(SocketReference socket)
    {
        try
        {
            if (TcpKeepAlive.Read(socket.Handle) is { Enabled: true } settings)
            {
                _twoHours.Give(this, settings, "Set-TcpKeepAlive");
            }
        }
        catch (NativeSocketException)
        {
            // It is no TCP socket: others have the option, too, where it means nothing.
        }
    }

    private void Add<T>(SocketOption<T> option, T value) => _wanted.Add((
        $"Set {option.Name} to {option.Describe(value)}",
        (_, socket) => option.Set(socket.Handle, value)));

    private void AddBuffer(SocketOption<int> option, int bytes) => _wanted.Add((
        $"Set {option.Name} to {bytes}",
        (_, socket) => BufferSize.Set(this, option, socket.Handle, bytes)));

    private void AddIdleTimeout(string parameter, TimeSpan limit)
    {
        _wanted.Add(($"Set {SocketOptionInput.IdleTimeout} to {Duration.Format(limit)}", Set));

        void Set(object? holder, SocketReference reference)
        {
            NetSocket socket = holder as NetSocket ?? throw NotASocketException.Saying(
                "Only the sockets of this module raise the event IdleTimeout.");
            ParameterInput.Use(parameter, () => socket.IdleLimit = limit);
        }
    }
}
