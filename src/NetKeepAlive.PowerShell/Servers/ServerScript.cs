using System.Collections;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace NetKeepAlive.PowerShell.Servers;

/// <summary>
/// The script block of a server with all that is handed to it. Each runspace makes it anew from its text, for a script
/// block belongs to one runspace; its errors still name the file and the line where it was written.
/// </summary>
internal sealed class ServerScript
{
    private readonly string? _file;
    private readonly string _placed;

    /// <param name="script">The script block as the session has it.</param>
    /// <param name="arguments">What follows the socket.</param>
    /// <param name="usingValues">The values of <c>$using:</c>; see <see cref="UsingValues"/>.</param>
    internal ServerScript(ScriptBlock script, object?[] arguments, Hashtable usingValues)
    {
        IScriptExtent extent = script.Ast.Extent;
        string brace = extent.Text.StartsWith('{') ? " " : string.Empty;
        _file = extent.File;
        Text = script.ToString();
        _placed = new string('\n', extent.StartLineNumber - 1) + new string(' ', extent.StartColumnNumber - 1) + brace
            + Text;
        Arguments = arguments;
        UsingValues = usingValues;
        Call = "& $args[0]" + string.Concat(Enumerable.Range(1, arguments.Length + 1).Select(i => $" $args[{i}]"));
    }

    /// <summary>The script block as it was written.</summary>
    internal string Text { get; }

    /// <summary>What follows the socket.</summary>
    internal object?[] Arguments { get; }

    /// <summary>The values of <c>$using:</c>.</summary>
    internal Hashtable UsingValues { get; }

    /// <summary>Calls a script block, <c>$args[0]</c>, with the socket and the arguments that follow it. It has no
    /// variable of its own, for the script block would see it.</summary>
    internal string Call { get; }

    /// <summary>The script block, for the runspace of the calling thread.</summary>
    internal ScriptBlock Create()
    {
        ScriptBlockAst ast = Parser.ParseInput(_placed, _file, out _, out ParseError[] errors);
        return errors.Length == 0 ? ast.GetScriptBlock() : throw new ParseException(errors);
    }
}
