using System.Net;

namespace NetKeepAlive.Interop;

/// <summary>An Internet socket that a process holds.</summary>
/// <param name="Descriptor">Its descriptor in that process.</param>
/// <param name="IsTcp">TCP, or else UDP?</param>
/// <param name="Local">Its own address.</param>
/// <param name="Remote">Its peer's; all zeros where it has none.</param>
internal sealed record ProcessSocket(int Descriptor, bool IsTcp, IPEndPoint Local, IPEndPoint Remote);
