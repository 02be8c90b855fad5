using System;
using System.Globalization;
using System.Text;

namespace NetKeepAlive.Interop;

/// <summary>Text that somebody else chose (names of processes, sockets, namespaces, what was written as an argument), so
/// that it can be shown: what would steer the terminal is escaped.</summary>
internal static class VisibleText
{
    private const int Longest = 200;

    /// <summary>The text with its control characters, and those that turn the direction of writing, as escapes:
    /// <c>\n</c>, <c>\x1b</c>, <c>\u202e</c>.</summary>
    internal static string Escape(string text)
    {
        int first = 0;
        while (first < text.Length && !MustEscape(text[first]))
        {
            first++;
        }

        if (first == text.Length)
        {
            return text;
        }

        StringBuilder visible = new(text, 0, first, text.Length + 8);
        foreach (char letter in text.AsSpan(first))
        {
            _ = letter switch
            {
                '\n' => visible.Append("\\n"),
                '\r' => visible.Append("\\r"),
                '\t' => visible.Append("\\t"),
                _ when !MustEscape(letter) => visible.Append(letter),
                < (char)0x100 => visible.Append(CultureInfo.InvariantCulture, $"\\x{(int)letter:x2}"),
                _ => visible.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}"),
            };
        }

        return visible.ToString();
    }

    /// <summary>The same, cut to what people read: for messages that repeat a text of any length.</summary>
    internal static string Brief(string text) =>
        text.Length > Longest ? Escape(text[..Longest]) + "\u2026" : Escape(text);

    // Nearly all there is to see is ASCII, and needs no table.
    private static bool MustEscape(char letter) =>
        letter is < ' ' or > '~'
        && (char.IsControl(letter)
            || char.GetUnicodeCategory(letter) is UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator);
}
