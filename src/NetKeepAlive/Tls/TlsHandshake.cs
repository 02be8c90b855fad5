using System;
using System.IO;
using System.Linq;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Errors;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Tls;

/// <summary>Begins TLS on a connected stream, as client or as server.</summary>
internal sealed class TlsHandshake
{
    private readonly TlsOptions _options;
    private readonly string _target;
    private readonly string _host;
    private string? _objection;

    /// <param name="options">How.</param>
    /// <param name="target">The connection in words, for errors.</param>
    /// <param name="host">Client: the name to check the certificate against.</param>
    internal TlsHandshake(TlsOptions options, string target, string host)
    {
        _options = options;
        _target = target;
        _host = host;
    }

    /// <summary>Does it.</summary>
    /// <exception cref="TlsException">The two sides do not agree, or a certificate was refused.</exception>
    /// <exception cref="NativeSocketException">The connection failed.</exception>
    /// <exception cref="TimeoutException">The peer did not answer in time.</exception>
    internal async Task<TlsStream> RunAsync(TlsInner inner, TimeSpan? timeout, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (timeout is { } time)
        {
            limit.CancelAfter(time);
        }

        TlsStream stream = new(inner);
        try
        {
            await (_options.ServerCertificate is null
                ? stream.AuthenticateAsClientAsync(ClientOptions(), limit.Token)
                : stream.AuthenticateAsServerAsync(ServerOptions(), limit.Token)).ConfigureAwait(false);
            return stream;
        }
        catch (Exception failed)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            if (failed is OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                throw new TimeoutException(
                    $"TLS with {_target}: no agreement within {Options.Duration.Format(timeout)}.");
            }

            throw Explain(failed);
        }
    }

    private SslClientAuthenticationOptions ClientOptions() => new()
    {
        TargetHost = _host,
        EnabledSslProtocols = _options.Protocols,
        ClientCertificates = _options.ClientCertificate is { } own ? [own] : null,
        ApplicationProtocols = Protocols(),
        RemoteCertificateValidationCallback = Validate,
    };

    private SslServerAuthenticationOptions ServerOptions() => new()
    {
        ServerCertificate = _options.ServerCertificate,
        EnabledSslProtocols = _options.Protocols,
        ApplicationProtocols = Protocols(),
    };

    private System.Collections.Generic.List<SslApplicationProtocol>? Protocols() =>
        _options.ApplicationProtocols.Count == 0
            ? null
            : _options.ApplicationProtocols.Select(static name => new SslApplicationProtocol(name)).ToList();

    // Says in words what .NET says by flags only.
    private bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors is SslPolicyErrors.None || _options.SkipCertificateCheck)
        {
            return true;
        }

        string subject = VisibleText.Brief(certificate?.Subject ?? string.Empty);
        _objection = errors switch
        {
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) => "the peer sent no certificate",
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) =>
                $"the certificate of {subject} is not for '{VisibleText.Brief(_host)}': {Remedies.NameTlsHost}",
            _ => $"the certificate of {subject} is not trusted: {Faults(chain)}",
        };
        return false;
    }

    private static string Faults(X509Chain? chain) => string.Join(
        "; ", chain?.ChainStatus.Select(static it => it.StatusInformation.Trim().TrimEnd('.')).Distinct() ?? []);

    private Exception Explain(Exception failed)
    {
        if (_objection is not null)
        {
            return new TlsException(
                $"TLS with {_target}: {_objection}. {Remedies.TrustAny}.", failed);
        }

        return NativeSocketException.FindIn(failed, "tls", _target) is { } broken ? broken
            : failed is IOException or AuthenticationException or InvalidOperationException
                ? TlsException.From($"TLS with {_target}", failed)
                : failed;
    }
}
