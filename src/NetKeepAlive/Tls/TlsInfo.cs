using System.Net.Security;
using System.Security.Authentication;

namespace NetKeepAlive;

/// <summary>What TLS agreed on.</summary>
/// <param name="Protocol">The version: <c>Tls12</c> or <c>Tls13</c>.</param>
/// <param name="Cipher">The cipher suite.</param>
/// <param name="ApplicationProtocol">The protocol chosen by ALPN (RFC 7301); null where none was.</param>
/// <param name="PeerCertificate">The peer's certificate; null where it sent none.</param>
/// <param name="IsServer">Is this side the server?</param>
/// <param name="TargetHost">The name that the server's certificate was checked against, or that the client asked for
/// (SNI); null for none.</param>
public sealed record TlsInfo(
    SslProtocols Protocol,
    TlsCipherSuite Cipher,
    string? ApplicationProtocol,
    TlsCertificate? PeerCertificate,
    bool IsServer,
    string? TargetHost)
{
    /// <summary>As in <c>Tls13 TLS_AES_256_GCM_SHA384</c>.</summary>
    public override string ToString() => $"{Protocol} {Cipher}";
}
