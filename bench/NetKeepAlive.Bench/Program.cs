// One row of the benchmarks through the core: NetKeepAlive.Bench <row>. Prints a rate.
using System;
using System.Collections.Generic;
using System.Globalization;
using NetKeepAlive.Bench;

Dictionary<string, Func<string[], double>> rows = new()
{
    ["accepts"] = AcceptsRow.Run,
    ["keep-alive"] = KeepAliveRow.Run,
    ["message"] = MessageRow.Run,
    ["message-batch"] = MessageRow.RunBatch,
};

if (args.Length == 0 || !rows.TryGetValue(args[0], out Func<string[], double>? run))
{
    Console.Error.WriteLine($"Rows: {string.Join(", ", rows.Keys)}");
    return 2;
}

Console.WriteLine(run(args[1..]).ToString("0", CultureInfo.InvariantCulture));
return 0;
