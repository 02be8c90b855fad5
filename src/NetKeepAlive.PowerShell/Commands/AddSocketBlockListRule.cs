using System.Collections.Generic;
using System.Management.Automation;
using System.Net;
using NetKeepAlive.PowerShell.Input;
using Rule = NetKeepAlive.SocketBlockList.Rule;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Add-SocketBlockListRule: more addresses for a block list.</summary>
[Cmdlet(VerbsCommon.Add, "SocketBlockListRule", DefaultParameterSetName = AddressSet)]
[OutputType(typeof(SocketBlockList))]
public sealed class AddSocketBlockListRule : NetKeepAliveCmdlet
{
    private const string AddressSet = "Address";
    private const string RangeSet = "Range";
    private const string SubnetSet = "Subnet";

    // A pipeline of addresses becomes one merge, not one for each.
    private readonly List<Rule> _rules = [];
    private SocketBlockList? _list;

    /// <summary>The list.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public SocketBlockList? BlockList { get; set; }

    /// <summary>Single addresses.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = AddressSet)]
    [IPAddressTransform]
    public IPAddress[] Address { get; set; } = [];

    /// <summary>Ranges, each as <c>first-last</c>.</summary>
    [Parameter(Mandatory = true, ParameterSetName = RangeSet)]
    public string[] Range { get; set; } = [];

    /// <summary>Subnets, each as <c>network/prefix</c>.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SubnetSet)]
    public string[] Subnet { get; set; } = [];

    /// <summary>Returns the list.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (_list != BlockList)
        {
            Merge();
            _list = BlockList;
        }

        _rules.AddRange(ParameterSetName switch
        {
            RangeSet => BlockListRules.Read(nameof(Range), Range, Rule.ParseRange, Attempt),
            SubnetSet => BlockListRules.Read(nameof(Subnet), Subnet, Rule.ParseSubnet, Attempt),
            _ => BlockListRules.Read(nameof(Address), Address, Rule.OfAddress, Attempt),
        });
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => Merge();

    private void Merge()
    {
        if (_list is null)
        {
            return;
        }

        _list.Add(_rules);
        _rules.Clear();
        if (PassThru)
        {
            WriteObject(_list);
        }
    }
}
