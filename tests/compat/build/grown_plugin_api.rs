//! The plugin API as version 1.1 might be: a method with a default body in a trait that plugins implement and in one that
//! the host implements, a field of the root, a key of the manifest. By the rules in `abi.rs` and `manifest.rs`, nothing else.

#[path = "source.rs"]
#[allow(dead_code)]
mod source;

use source::Source;

fn main() {
    let source = Source::of_the_api();
    grow_the_layouts(&source);
    grow_the_manifest(&source);
    grow_the_plugins_side(&source);
    grow_the_hosts_side(&source);
    source.make_includable("lib.rs");
}

fn grow_the_layouts(source: &Source) {
    source.change(
        "abi.rs",
        "        opened: &mut ROption<AbiStore_TO<'static, RBox<()>>>,\n    ) -> u32;\n",
        "        opened: &mut ROption<AbiStore_TO<'static, RBox<()>>>,\n    ) -> u32;
    fn method_count(&self) -> u32 {
        0
    }\n",
    );
    source.change(
        "abi.rs",
        "    fn call(&self, method: u32, request: RSlice<'_, u8>, answer: &mut RVec<u8>) -> u32;\n",
        "    fn call(&self, method: u32, request: RSlice<'_, u8>, answer: &mut RVec<u8>) -> u32;
    fn pulse(&self) -> u32 {
        0
    }\n",
    );
    source.change(
        "abi.rs",
        "    ) -> ROption<AbiObject_TO<'static, RBox<()>>>,\n",
        "    ) -> ROption<AbiObject_TO<'static, RBox<()>>>,
    /// Something to be proud of.
    #[sabi(missing_field(option))]
    pub motto: extern \"C\" fn() -> RStr<'static>,\n",
    );
}

fn grow_the_manifest(source: &Source) {
    source.put_behind(
        "manifest/raw.rs",
        "    asks: Option<Spanned<Vec<String>>>,\n",
        "    #[serde(default)]\n    tips: bool,\n",
    );
    source.put_behind("manifest/raw.rs", "        fields: fields(&place, raw.config)?,\n", "        tips: raw.tips,\n");
    source.put_behind("manifest.rs", "    pub asks: Vec<String>,\n", "    /// It takes tips.\n    pub tips: bool,\n");
}

fn grow_the_plugins_side(source: &Source) {
    source.put_behind("entry.rs", "            make: make::<E>,\n", "            motto,\n");
    source.append(
        "entry.rs",
        "\nextern \"C\" fn motto() -> RStr<'static> {\n    \"made with the grown API\".into()\n}\n",
    );
    source.put_behind(
        "export.rs",
        "impl<T: ?Sized + Send + Sync + 'static, S: Serve<T> + Table> AbiObject for Exported<T, S> {\n",
        "    fn method_count(&self) -> u32 {
        S::METHODS.len() as u32
    }\n",
    );
    source.put_behind(
        "objects.rs",
        "impl HostServices for HostProxy {\n",
        "    fn shop_name(&self) -> String {
        self.0.shop_name().unwrap_or_else(|error| format!(\"a shop without a name ({:?})\", error.code))
    }\n",
    );
    // What the plugin's own side saw of the host reaches the test through the host's log.
    source.change(
        "entry.rs",
        "            guard::attach(Arc::new(HostProxy::new(host, api)), api);\n",
        "            let host = HostProxy::new(host, api);
            host.attached();
            guard::attach(Arc::new(host), api);\n",
    );
    source.append(
        "objects.rs",
        "\nimpl HostProxy {
    pub(crate) fn attached(&self) {
        let (name, pulse) = (self.shop_name(), self.0.0.host.pulse());
        self.log(LogLevel::Info, &format!(\"attached to {name}, pulse {pulse}\"));
    }
}\n",
    );
}

fn grow_the_hosts_side(source: &Source) {
    source.put_behind(
        "objects.rs",
        "impl AbiHost for HostExport {\n",
        "    fn pulse(&self) -> u32 {
        60
    }\n",
    );
    source.put_behind(
        "objects.rs",
        "impl HostPort for HostExport {\n",
        "    fn shop_name(&self) -> PluginResult<String> {
        Ok(self.services.shop_name())
    }\n",
    );
    source.append(
        "loader.rs",
        "
impl Plugin {
    /// The new field of the root; `None` for a plugin built before it.
    pub fn motto(&self) -> Option<&'static str> {
        self.root.motto().map(|motto| motto().as_str())
    }
}
",
    );
    source.append(
        "import.rs",
        "
impl AbiLink {
    /// The new method of an object; 0 from a plugin built before it.
    pub fn method_count(&self) -> u32 {
        match &self.target {
            Some(Target::Object(object)) => object.method_count(),
            _ => 0,
        }
    }
}
",
    );
}
