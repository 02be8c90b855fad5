using System;
using System.Diagnostics;
using System.IO;
using Xunit;

namespace NetKeepAlive.Tests;

/// <summary>The system's C compiler, for proving numbers and layouts against the system's headers.</summary>
public static class CCompiler
{
    /// <summary>Compiles a C source; fails the test with the compiler's words where it does not compile. Skips the test
    /// where there is no cc.</summary>
    public static void MustCompile(string source)
    {
        ProcessStartInfo start = new("cc", ["-x", "c", "-fsyntax-only", "-std=gnu11", "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        Process compiler;
        try
        {
            compiler = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("no C compiler (cc) on PATH");
            return;
        }

        using (compiler)
        {
            try
            {
                compiler.StandardInput.Write(source);
                compiler.StandardInput.Close();
            }
            catch (IOException)
            {
                // It gave up early; its words follow.
            }

            string words = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            Assert.True(compiler.ExitCode == 0, words + Environment.NewLine + source);
        }
    }
}
