using System;
using System.Collections;
using System.Collections.ObjectModel;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text;
using NetKeepAlive.Interop;

namespace NetKeepAlive.PowerShell.Servers;

/// <summary>
/// The values of <c>$using:name</c> in a script block, taken where the server is started. PowerShell hands them to a
/// script in another runspace by a parameter named <c>--%</c>, under keys of its own making.
/// </summary>
internal static class UsingValues
{
    internal const string Parameter = "--%";

    /// <summary>Reads the values; a variable that is not there is an error as it is for Start-Job.</summary>
    /// <exception cref="ArgumentException">There is no such variable.</exception>
    internal static Hashtable Read(ScriptBlock script, SessionState session)
    {
        Hashtable values = [];
        foreach (UsingExpressionAst use in script.Ast
            .FindAll(static it => it is UsingExpressionAst, searchNestedScriptBlocks: true)
            .Cast<UsingExpressionAst>())
        {
            values[Key(use)] = Value(use.SubExpression, session);
        }

        return values;
    }

    private static object? Value(ExpressionAst expression, SessionState session)
    {
        if (expression is VariableExpressionAst variable)
        {
            string name = variable.VariablePath.UserPath;
            string shown = VisibleText.Brief(name);
            PSVariable found = session.PSVariable.Get(name)
                ?? throw new ArgumentException($"There is no variable ${shown} for $using:{shown}.");
            return found.Value;
        }

        // The parser lets nothing follow but properties and indices.
        string text = expression.Extent.Text.Replace("$using:", "$", StringComparison.OrdinalIgnoreCase);
        Collection<PSObject> result = session.InvokeCommand.InvokeScript(
            useLocalScope: false, ScriptBlock.Create($"Write-Output -NoEnumerate -InputObject ({text})"), null);
        return result.Count == 0 ? null : result[0];
    }

    // The key that the engine looks for: System.Management.Automation.PsUtils.GetUsingExpressionKey.
    private static string Key(UsingExpressionAst use)
    {
        string text = use.ToString();
        if (use.SubExpression is VariableExpressionAst)
        {
            text = text.ToLowerInvariant();
        }

        return Convert.ToBase64String(Encoding.Unicode.GetBytes(text));
    }
}
