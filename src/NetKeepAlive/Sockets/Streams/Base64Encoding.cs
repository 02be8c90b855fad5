using System.Text;

namespace NetKeepAlive.Sockets.Streams;

/// <summary>Base64 as an encoding: bytes are shown as base64 text, and base64 text is sent as the bytes it stands
/// for.</summary>
internal sealed class Base64Encoding : Encoding
{
    internal static readonly Base64Encoding Instance = new();

    /// <inheritdoc/>
    public override string EncodingName => "base64";

    /// <inheritdoc/>
    public override int GetByteCount(char[] chars, int index, int count) =>
        System.Convert.FromBase64CharArray(chars, index, count).Length;

    /// <inheritdoc/>
    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex)
    {
        byte[] decoded = System.Convert.FromBase64CharArray(chars, charIndex, charCount);
        decoded.CopyTo(bytes, byteIndex);
        return decoded.Length;
    }

    /// <inheritdoc/>
    public override int GetCharCount(byte[] bytes, int index, int count) => GetMaxCharCount(count);

    /// <inheritdoc/>
    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
        System.Convert.ToBase64CharArray(bytes, byteIndex, byteCount, chars, charIndex);

    /// <inheritdoc/>
    public override int GetMaxByteCount(int charCount) => (charCount + 3) / 4 * 3;

    /// <inheritdoc/>
    public override int GetMaxCharCount(int byteCount) => (byteCount + 2) / 3 * 4;
}
