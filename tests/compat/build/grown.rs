//! The API as a later minor version might be: a method with a default body appended to two traits (one that plugins
//! implement, one that the host implements), a field appended to the root. By the rules in `abi.rs`, nothing else.

#[path = "source.rs"]
#[allow(dead_code)]
mod source;

fn main() {
    let source = source::Source::of_today();
    grow_the_layouts(&source);
    grow_the_plugins_side(&source);
    grow_the_hosts_side(&source);
    source.make_includable("lib.rs");
}

fn grow_the_layouts(source: &source::Source) {
    source.change(
        "abi.rs",
        "    fn settle(&self, progress: ProgressRef<'_>) -> RResult<RVec<u8>, RVec<u8>>;\n",
        "    fn settle(&self, progress: ProgressRef<'_>) -> RResult<RVec<u8>, RVec<u8>>;
    fn tip(&self, amount_minor: i64) -> i64 {
        let _ = amount_minor;
        -1
    }\n",
    );
    source.change(
        "abi.rs",
        "    fn new_id(&self) -> Tuple2<u64, u64>;\n",
        "    fn new_id(&self) -> Tuple2<u64, u64>;
    fn shop_name(&self) -> RString {
        RString::from(\"a shop without a name\")
    }\n",
    );
    source.change(
        "abi.rs",
        "        RSlice<'_, u8>,
    ) -> RResult<AbiEvents_TO<'static, RBox<()>>, RVec<u8>>,\n",
        "        RSlice<'_, u8>,
    ) -> RResult<AbiEvents_TO<'static, RBox<()>>, RVec<u8>>,
    #[sabi(missing_field(option))]
    pub motto: extern \"C\" fn() -> RString,\n",
    );
}

fn grow_the_plugins_side(source: &source::Source) {
    source.change(
        "entry.rs",
        "            events: events::<E>,\n",
        "            events: events::<E>,\n            motto,\n",
    );
    source.append(
        "entry.rs",
        "\nextern \"C\" fn motto() -> RString {\n    RString::from(\"made with the grown API\")\n}\n",
    );
    source.change(
        "export.rs",
        "impl AbiPayment for Exported<dyn PaymentProvider> {\n",
        "impl AbiPayment for Exported<dyn PaymentProvider> {
    fn tip(&self, amount_minor: i64) -> i64 {
        amount_minor / 10
    }\n",
    );
    source.append(
        "objects.rs",
        "\nimpl HostProxy {
    /// The host's new method, as the plugin sees it.
    pub(crate) fn shop_name(&self) -> String {
        self.0.shop_name().into()
    }
}\n",
    );
    // What the plugin saw of the host reaches the test through the host's log.
    source.change(
        "entry.rs",
        "        guard::attach(HostProxy(host));\n",
        "        let host = HostProxy(host);
        host.log(aurapos_contract::host::LogLevel::Info, &format!(\"plugin of {}\", host.shop_name()));
        guard::attach(host);\n",
    );
    source.append("entry.rs", "\nuse aurapos_contract::HostServices as _;\n");
}

fn grow_the_hosts_side(source: &source::Source) {
    source.change(
        "objects.rs",
        "impl AbiHost for HostExport {\n",
        "impl AbiHost for HostExport {
    fn shop_name(&self) -> RString {
        RString::from(\"the grown shop\")
    }\n",
    );
    source.append(
        "loader.rs",
        "
impl Plugin {
    /// The new field of the root; `None` for a plugin built before it.
    pub fn motto(&self) -> Option<String> {
        self.root.motto().map(|motto| motto().into())
    }

    /// The new method of a payment; -1 from a plugin built before it.
    ///
    /// # Errors
    /// What the factory says.
    pub fn tip(&self, context: &PluginContext, border: &Arc<dyn Border>, amount_minor: i64) -> PluginResult<i64> {
        let host = HostExport { services: Arc::clone(&context.host), border: Arc::clone(border) }.into_box();
        let settings = codec::encode(&context.settings);
        let made = self.root.payment()(host, context.instance.as_str().into(), settings.as_slice().into());
        Ok(understood(border, \"factory\", made)?.tip(amount_minor))
    }
}
",
    );
}
