using System;
using System.Linq;
using NetKeepAlive.Errors;

namespace NetKeepAlive.PowerShell.Errors;

/// <summary>The names of the cmdlets and parameters that do what an error of the core says is to be done.</summary>
internal static class Advice
{
    private static readonly (string Remedy, string Words)[] Commands =
    [
        (Remedies.TakeAnotherPort, "-RetryCount waits for it; -Port 0 takes any."),
        (Remedies.LeaveLocalPort, "See -LocalPort."),
        (Remedies.ReplaceStale, "-Force replaces it if it is a socket that nobody serves."),
        (Remedies.EnlargeBuffer, "Set-SocketOption -SendBufferSize enlarges it."),
        (Remedies.NameReceiver, "-To or -ToAbstractName names it."),
        (Remedies.Accept, "Receive-SocketConnection does."),
        (Remedies.OwnTls, "Protect-Socket does."),
        (Remedies.CopyDescriptor, "Import-SocketHandle -ProcessId -FileDescriptor does."),
        (Remedies.EndConnection, "Stop-TcpConnection does."),
        (Remedies.NameTlsHost, "-TargetHost names it."),
        (Remedies.NameIPv6Address, "See -Address and -IPv6Only."),
        (Remedies.NameOneOfFamily, "See -LocalAddress and -AddressFamily."),
        (Remedies.TakeAnotherFamily, "See -AddressFamily and -LocalAddress."),
        (Remedies.TrustAny, "-SkipCertificateCheck takes any certificate."),
    ];

    /// <summary>The error with the names of the commands that help.</summary>
    internal static Exception Named(Exception error)
    {
        string words = string.Join(
            " ", Commands.Where(it => error.Message.Contains(it.Remedy, StringComparison.Ordinal)).Select(it => it.Words));
        if (words.Length == 0)
        {
            return error;
        }

        string message = $"{error.Message} {words}";
        return error switch
        {
            NativeSocketException native => native.Saying(message),
            NotASocketException => NotASocketException.Saying(message),
            TlsException => new TlsException(message, error.InnerException),
            HostNotFoundException => new HostNotFoundException(message, error.InnerException),
            ArgumentException => new ArgumentException(message, error.InnerException),
            _ => error,
        };
    }
}
